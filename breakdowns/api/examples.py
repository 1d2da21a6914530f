"""The examples of the API's documentation."""

from __future__ import annotations

from typing import Any, Final

_ID: Final = "677f1f77bcf86cd799439011"
_FILES: Final = "https://idance.example.com/files"
_SOURCE: Final = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
_VIDEO: Final = f"{_FILES}/footage/68877865e63d6bd72cdda440/68885e917dcfd112158b2a12/video.mp4"
_PICTURE: Final = f"{_FILES}/footage/68877865e63d6bd72cdda440/68885e917dcfd112158b2a12/thumbnail.jpg"
_POSE: Final = f"{_FILES}/footage/68877865e63d6bd72cdda440/68885e917dcfd112158b2a12/pose_data.json"
_OUTLINE: Final = f"{_FILES}/outlines/677f1f77bcf86cd799439012/{_ID}/68885e917dcfd112158b2a14/outline.mp4"
_PAGE: Final = f"https://idance.example.com/breakdowns/{_ID}"
STEP: Final[dict[str, Any]] = {
    "step_number": 1,
    "start_timestamp": "00:00.000",
    "end_timestamp": "00:02.460",
    "counts": [1, 4],
    "step_name": "Right arm up and out",
    "global_description": "On 1 and 2 the right arm goes up and out, on 3 and 4 it comes back to the hip.",
    "description": {
        "head": "Keep your head facing forward.",
        "hands": "The right hand goes above your head, the left one stays at the hip.",
        "shoulders": "Let the right shoulder follow the arm.",
        "torso": "Stay upright.",
        "legs": "Feet hip-wide, weight on the left.",
        "bodyAngle": "Face the front.",
    },
    "style_and_history": "The movement alone does not tell a style.",
    "spice_it_up": "Let the head follow the hand.",
    "connection_to_next": "The weight on the left frees the right foot for the next step.",
    "technical_notes": {
        "alignment": "Keep both shoulders level.",
        "timing": "Arrive on 2, not before.",
        "energy": "One flowing movement without a stop.",
        "precision": "Stop the hand right above the shoulder.",
    },
    "quality_metrics": {
        "smoothness": "High",
        "stability": "Good",
        "precision": "Good",
        "energy": "Moderate",
        "balance": "Maintained",
    },
}
_ROUTINE: Final[dict[str, Any]] = {
    "bpm": 120.5,
    "total_segments": 1,
    "style_indicators": {
        "rhythm_consistency": "High",
        "flow_smoothness": "Medium",
        "symmetry": "Balanced",
    },
    "difficulty_level": "Intermediate",
    "energy_level": "Medium",
    "overall_routine_characteristics": {
        "tempo": "The music has a moderate tempo of 120.5 BPM.",
        "rhythm_consistency": "The movement stays on the beat.",
        "flow_smoothness": "Most movements flow into each other.",
        "symmetry": "Left and right do about as much.",
        "difficulty_level": "For dancers with some experience.",
        "energy_level": "Lively without being exhausting.",
    },
}
RESULT: Final[dict[str, Any]] = {
    "success": True,
    "status": "completed",
    "breakdown_id": _ID,
    "video_url": _SOURCE,
    "playable_video_url": _VIDEO,
    "thumbnail_url": _PICTURE,
    "title": "Hip Hop Basics",
    "duration": 30.0,
    "bpm": 120.5,
    "difficulty_level": "Intermediate",
    "total_steps": 1,
    "routine_analysis": _ROUTINE,
    "steps": [STEP],
    "outline_url": _OUTLINE,
    "page_url": _PAGE,
    "mode": "auto",
    "target_difficulty": "beginner",
    "description_source": "movement",
    "error_code": None,
    "error_message": None,
}
_UNKNOWN: Final = (
    *("playable_video_url", "thumbnail_url", "duration", "bpm", "difficulty_level", "total_steps"),
    *("routine_analysis", "outline_url", "page_url", "description_source"),
)
FAILED: Final[dict[str, Any]] = {
    **RESULT,
    **dict.fromkeys(_UNKNOWN),
    "success": False,
    "status": "failed",
    "title": "",
    "steps": [],
    "error_code": "private",
    "error_message": "This video is private. You can upload the file instead.",
}
PENDING: Final[dict[str, Any]] = {
    "success": False,
    "status": "processing",
    "breakdown_id": _ID,
    "job_id": "job_68877865e63d6bd72cdda440",
    "progress": 0.42,
    "stage": "watch",
    "error_message": None,
}
ROW: Final[dict[str, Any]] = {
    "_id": _ID,
    "videoUrl": _SOURCE,
    "thumbnailUrl": _PICTURE,
    "title": "Hip Hop Basics",
    "mode": "auto",
    "targetDifficulty": "beginner",
    "duration": 30.0,
    "bpm": 120.5,
    "difficultyLevel": "Intermediate",
    "totalSteps": 1,
    "success": True,
    "status": "completed",
    "errorCode": None,
    "errorMessage": None,
    "createdAt": "2025-01-25T14:30:22Z",
}
DETAIL: Final[dict[str, Any]] = {
    **ROW,
    "userId": "677f1f77bcf86cd799439012",
    "jobId": "job_68877865e63d6bd72cdda440",
    "playableVideoUrl": _VIDEO,
    "outlineUrl": _OUTLINE,
    "poseDataUrl": _POSE,
    "pageUrl": _PAGE,
    "shareUrl": f"{_PAGE}?share=c2lnbmF0dXJl",
    "isPublic": True,
    "sharedToFeed": True,
    "privateReason": None,
    "descriptionSource": "movement",
    "beats": [0.12, 0.62, 1.12],
    "routineAnalysis": _ROUTINE,
    "steps": [STEP],
    "updatedAt": "2025-01-25T14:31:02Z",
}
VIDEO: Final[dict[str, Any]] = {
    "id": _ID,
    "videoUrl": _SOURCE,
    "playableVideoUrl": _VIDEO,
    "thumbnailUrl": _PICTURE,
    "title": "Hip Hop Basics",
    "duration": 30.0,
    "durationFormatted": "0:30",
    "bpm": 120.5,
    "difficultyLevel": "Intermediate",
    "totalSteps": 1,
    "success": True,
    "createdAt": "2025-01-25T14:30:22Z",
    "userProfile": {
        "displayName": "Dance Master",
        "avatarUrl": "https://example.com/avatar.jpg",
        "level": 5,
    },
}
