"""Every constant of the engine, in one frozen and versioned place.

Change a number here and raise ``ENGINE_VERSION``: the version is stored with every result, and results are
only comparable within one version. Where a number was fitted rather than chosen, the comment names the
script that fitted it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ENGINE_VERSION = "1.6.0"

#: The fixed grid on which every movement signal lives, in Hz.
RATE = 15.0


@dataclass(frozen=True, slots=True)
class ClipLimits:
    """What is accepted at all."""

    shortest: float = 3.0  # s
    longest: float = 300.0  # s


@dataclass(frozen=True, slots=True)
class RefusalLimits:
    """When an analysis is refused rather than invented."""

    detected_share: float = 0.5  # below: no_person
    limb_speed: float = 0.15  # torso lengths / s, median; below, and ...
    quick_limb_speed: float = 0.5  # ... the 90th percentile below this: no_movement
    #: Torso lengths of slow movement within the body; below: a picture, no_movement. Pictures reach .03 when
    #: they are carried about or grainy, .014 otherwise; dances begin at .25, someone who holds a pose at .02.
    sway: float = 0.08
    static_sway: float = 0.015  # in a static challenge
    confidence: float = 0.3  # below, unless ...
    clear_view: float = 0.8  # ... the dancer is seen so well that the clip is merely short: low_confidence
    full_torso: float = 40.0  # px of the file; a smaller dancer is seen less surely
    full_length: float = 10.0  # s; a shorter clip tells less


@dataclass(frozen=True, slots=True)
class MediaConfig:
    """How a file is read (``media.py``, ``soundtrack.py``)."""

    tolerance: float = 0.1  # s beyond the limits that are let through; containers round
    missing_end: float = 0.5  # s less than announced: the file is truncated
    largest_picture: int = 4096 * 4096  # px; larger ones would not fit into a worker's memory
    slimmest: float = 4.0  # times as long as wide, at most; searching a strip in tiles takes for ever
    repeat: float = 0.1  # s for which a frame may be the one before over again; longer, the dancer stands
    sound_slack: float = 0.02  # s by which a piece of sound may be off before it is moved


@dataclass(frozen=True, slots=True)
class PoseConfig:
    """How one dancer is found and followed (``pose/``). A reach is about two torso lengths."""

    overview: int = 480  # px, longer side of the picture in which bodies are searched
    detail: int = 480  # px, side of the region in which landmarks are looked for, in pictures ...
    as_is: int = 1280 * 720  # ... of more px than this; smaller ones cost least as they are
    opening: float = 1.0  # s at the start in which people are counted and the dancer is chosen ...
    opening_step: float = 0.32  # s ... by looking this often
    off_centre: float = 0.5  # share of its rank that a body at the edge of the picture loses
    better: float = 1.3  # times the rank, and another body is chosen in the opening
    same_body: float = 0.7  # reaches between the hips of two sightings of one body, at most
    jump: float = 0.5  # reaches per grid interval that hips can move
    growth: float = 1.6  # times the size that a body can change per grid interval
    lost_speed: float = 2.0  # reaches / s that a lost body may have moved away
    lost_range: float = 1.5  # reaches, at most, when there are several people to mistake for it
    lost_growth: float = 2.0  # times the size a body can have when it is found again
    tile_wait: float = 1.0  # s between searches in tiles while nobody is found
    tile_sizes: tuple[float, ...] = (1.0, 0.5)  # of the shorter side of the picture, squares half overlapping
    cut_difference: float = 12.0  # grey levels of 255, mean over a coarse picture
    cut_unlikeness: float = 0.3  # 1 - correlation of the coarse pictures
    cut_colours: float = 0.1  # share of the pixels that change their colour
    thumbnail: int = 640  # px, longer side


@dataclass(frozen=True, slots=True)
class CleanConfig:
    """How raw landmarks become movement (``clean.py``)."""

    visibility: float = 0.5  # below: missing
    hampel_window: int = 7  # rows
    hampel_sigmas: float = 3.0  # of the neighbourhood's spread
    hampel_floor: float = 0.1  # torso lengths; smaller deviations are never outliers
    swap_cost: float = 0.1  # torso lengths per frame in which the legs are renamed
    swap_ratio: float = 0.5  # of the acceleration may remain where legs are renamed
    swap_gain: float = 0.5  # torso lengths, sum over hips, knees, ankles, that renaming must save
    jump_limit: float = 1.0  # torso lengths; larger second differences cost no more
    gap: float = 0.4  # s, longest stretch that is bridged
    cutoff: float = 5.0  # Hz, -3 dB
    padding: int = 9  # rows mirrored at the ends of a run before filtering


@dataclass(frozen=True, slots=True)
class MusicConfig:
    """How music is heard (``music/``). Chosen on the development half of ``benchmarks/beats.py``."""

    sample_rate: int = 22050  # Hz
    hop: int = 512  # samples from one spectrum to the next
    onset_delay: int = 1  # hops by which onset strength answers late ...
    beat_delay: float = 0.007  # s, ... and what is left over after that, on clips with exact beats
    bpm_range: tuple[float, float] = (60.0, 200.0)
    clarity: float = 0.2  # least pulse clarity of music ...
    clarity_seconds: float = 6.0  # ... in sounds at least so long; more is asked of shorter ones
    multiples: tuple[tuple[float, float], ...] = ((0.5, 0.5), (1.0, 1.0), (2.0, 1.0), (4.0, 1.0))
    prior_bpm: float = 120.0
    prior_spread: float = 1.0  # octaves
    target_spread: float = 0.06  # octaves, where the tempo is told ...
    target_doubt: float = 0.2  # ... and the weight of tempi within half an octave that were not told
    refine_range: float = 0.015  # of the tempo, searched around a candidate
    tightness: float = 1000.0  # of the beat sequence; Ellis 2007: 100, which slips off the beat over a minute
    jump: float = 7.0  # what it costs at most to go on elsewhere: music that was cut goes on at another beat
    jump_least: float = 0.1  # of a beat; smaller steps are unevenness
    even_share: float = 0.6  # of the beats on one even grid: the music keeps time like a machine
    even_tempo: float = 0.0015  # by which that grid's tempo may differ from that of neighbouring beats
    steady_beats: int = 9  # beats that one line is laid through where it does not
    blind_opening: float = 0.07  # s at the start of a sound in which no attack can be told


@dataclass(frozen=True, slots=True)
class StepsConfig:
    """How the routine is cut into steps (``steps.py``); judged by ``benchmarks/steps.py``."""

    #: For each difficulty the length that costs nothing, in beats. Prices are in units of the scatter of one
    #: beat that is as unlike the others as two random ones.
    beats_beginner: float = 8.0
    beats_intermediate: float = 8.0
    beats_advanced: float = 4.0
    price_beginner: float = 1.0  # of every step: fewer and longer
    price_intermediate: float = 0.5
    price_advanced: float = 0.1  # more and shorter
    odd_price: float = 0.2  # of an odd number of beats; half of it for 2 and 6
    length_price: float = 0.3  # per squared octave beside the length that costs nothing
    shortest: float = 0.5  # s
    longest: int = 8  # beats
    least: float = 2.0  # beats; a step of one count is a gesture
    slow_beat: float = 0.6  # s (100 BPM); on slower beats steps have half the counts
    silent_beat: float = 0.5  # s, stands for a beat where none is heard
    bridged_gap: float = 1.0  # s out of sight that do not end a step
    same_distance: float = 0.2  # torso lengths between the limbs of two steps, below: the same step again
    same_share: float = 0.75  # of the limbs' own way, likewise
    held_distance: float = 0.06  # torso lengths, enough in any case: a pose that is held has no way
    curve_points: int = 16  # per step, for the comparison of steps
    warp: float = 0.2  # share of a step by which time may be warped


@dataclass(frozen=True, slots=True)
class BalanceConfig:
    """How the control of the centre of mass is judged (``scoring/balance.py``)."""

    window: float = 4.0  # s, hop half of it; each earns its share, the clip their mean
    omega: float = 3.2  # 1 / s, sqrt(g / leg length) of a leg of .95 m
    path_half_window: float = 1.0  # s; the way of the feet slower than this is travelling
    foot_margin: float = 0.12  # torso lengths from ankle, heel and toe to the edge of the foot ...
    ankle_margin: float = 0.22  # ... and from the ankle alone where heel and toe are not seen
    narrow_stance: float = 0.2  # torso lengths between feet that tell half of how the floor lies
    most_roll: float = 15.0  # degrees that a camera may be askew
    level_looks: int = 3  # times that the floor is looked for, each time with what was found taken out
    floor_evidence: float = 0.1  # share of the clip on both feet that tells half of how the floor lies
    floor_error: float = 2.5  # degrees by which the floor may lie otherwise than it seems
    raised: float = 0.28  # torso lengths above the floor: the foot carries nothing
    floor_half_window: float = 1.0  # s around a frame, for the height of the floor
    floor_percentile: float = 80.0  # of the lower ankle's height
    standing_legs: float = 0.6  # hips at least this many leg lengths above the lower foot: upright
    standing_lean: float = 60.0  # degrees, more is bent down or lying
    step_ahead: float = 0.4  # s to a landing that the body may already be on its way to
    out_margin: float = 0.05  # torso lengths outside the base before it counts as left
    settled: float = 0.2  # s inside the base that end an excursion
    contact_wait: float = 0.75  # s from leaving the base to the next contact, at most
    catch: float = 0.5  # s from there (or from leaving, without a contact) to being inside again
    capture_half: float = 0.02  # torso lengths outside after the time for a catch, mean, earn half
    hold_speed: float = 0.4  # torso lengths / s, slow way of the fastest limb but one
    hold_shaking: float = 1.0  # torso lengths / s, median speed of that limb; faster is dancing in one place
    hold_smoothing: float = 0.7  # s
    hold_shortest: float = 0.6  # s
    hold_evidence: float = 0.2  # share of a window spent in holds that gives them full weight
    reach_smoothing: float = 0.5  # s; what is quicker is not a way
    reach_window: float = 2.0  # s, hop half of it; a longer way is travelling
    reach_half: float = 0.005  # torso lengths outside after the time for a catch, mean: reach counts half
    wobble_shortest: float = 2.5  # s without a gap
    wobble_band: tuple[float, float] = (1.5, 5.0)  # Hz
    whole_band: tuple[float, float] = (0.15, 5.0)  # Hz
    wobble_floor: float = 0.3  # torso lengths / s; a body as still as this does not wobble
    wobble_still: float = 0.1  # torso lengths / s; a sway of this size tells half of how a body wobbles
    pulse_range: tuple[float, float] = (60.0, 200.0)  # BPM, where no music is heard ...
    pulse_certainty: float = 0.02  # of explained power by which a tempo becomes e times as likely
    silent_evidence: float = 0.5  # ... and wobble counts half, since the metre is a guess
    lean_limit: float = 25.0  # degrees, less is style
    hang_limit: float = 4.0  # degrees beside the feet that carry, in a window; less is how feet are seen
    #: Share of a window upright on the feet that tells nothing, and all, of capture, alignment and reach.
    pose_evidence: tuple[float, float] = (0.25, 0.5)
    align_half: float = 2.0  # degrees beyond the limits, mean of a window, earn half
    weights: tuple[float, ...] = (0.25, 0.10, 0.25, 0.20, 0.20)  # capture, holds, wobble, alignment, reach
    static_weights: tuple[float, ...] = (0.15, 0.50, 0.20, 0.15, 0.0)
    norm_evidence: float = 0.25  # of a measure; with less, it says nothing about what dancers do
    least_evidence: float = 0.2  # of all weights; with less, Balance is not measurable
    full_evidence: float = 0.5  # of all weights; with less, confidence falls


@dataclass(frozen=True, slots=True)
class SmoothnessConfig:
    """How the flow of the movement is judged (``scoring/smoothness.py``)."""

    window: float = 2.0  # s, hop half of it
    active: float = 0.3  # torso lengths / s, peak speed of a joint that takes part
    slow_band: float = 3.0  # Hz, upper end of the wanted movement
    weights: tuple[float, ...] = (0.6, 0.4)  # jerk, slow power


@dataclass(frozen=True, slots=True)
class CreativityConfig:
    """How the variety of the movement is judged (``scoring/creativity.py``)."""

    window: float = 16.0  # beats, hop half of it
    samples: float = 2.0  # poses per beat
    slow_beat: float = 0.6  # s (100 BPM); on slower beats steps have half the counts
    silent_beat: float = 0.5  # s, stands for a beat where none is heard
    softness: float = 0.12  # torso lengths; poses nearer than this are hardly told apart
    near: float = 0.25  # torso lengths between poses, mean over joints: the same pose again
    apart: float = 1.0  # s, earlier is not coming back but not having left
    seen: float = 0.6  # share of the pose that must be seen
    fewest: int = 8  # poses in a window
    phrase: float = 1.0  # s of movement that is new or was danced before
    memory: float = 16.0  # s after which it is new again
    alike: float = 0.5  # of the distance of poses from the mean pose (rms): half as new
    phrase_floor: float = 0.15  # torso lengths; a body that keeps this still does nothing new
    effort_smoothing: float = 0.5  # s
    effort_floor: float = 0.3  # torso lengths / s; slower differences are noise
    weights: tuple[float, ...] = (0.4, 0.3, 0.2, 0.1)  # entropy, recurrence, novelty, effort


@dataclass(frozen=True, slots=True)
class MotionBeatsConfig:
    """When the body rests between two movements (``motion_beats.py``)."""

    weights: tuple[float, float, float, float] = (0.4, 0.25, 0.2, 0.15)  # wrists, ankles, hips, head
    apart: float = 0.2  # s
    prominence: float = 0.08  # of the 95th percentile of the speed


@dataclass(frozen=True, slots=True)
class FlagsConfig:
    """When something about a clip is worth saying (``flags.py``)."""

    low_confidence: float = 0.5
    part_seen: float = 0.5  # share of the time in which feet or hands are seen
    dark: float = 0.15  # mean brightness of the picture, 0..1
    short: float = 8.0  # s


@dataclass(frozen=True, slots=True)
class RhythmConfig:
    """How movement is compared with music (``scoring/entrainment.py``, ``timing.py``, ``rhythm.py``).

    ``chance``, ``chance_own``, ``clear``, ``window_range`` and the curve were fitted by
    ``benchmarks/fit_rhythm.py``; the others were chosen on the same half.
    """

    speed_floor: float = 0.2  # torso lengths / s
    tapped: float = 77.0  # BPM; tempi are brought between this and its double
    band_low: tuple[float, float] = (0.85, 1.15)  # Hz; a level counts nothing below, fully above
    band_high: tuple[float, float] = (4.8, 5.6)  # Hz; fully below, nothing above
    jump: float = 0.08  # of a beat by which the music's own beats may be uneven before they count as cut
    seen: tuple[float, float] = (0.8, 1.0)  # of a window, for a signal to count nothing in it, fully
    reach: int = 15  # beats between windows from which on they are not compared; near ones count most
    leaders: int = 7  # signals that count: the one that repeats best fully, each next one a seventh less
    chance: float = 0.18  # consistency of these by chance, times the number of windows
    chance_own: float = 3.27  # the same where the best of all tempi is taken
    fewest_windows: int = 3  # beats that must have been seen for there to be a score
    #: Wrong tempi, as ratios to the one that is heard, and how many are tried on either side.
    elsewhere: tuple[tuple[float, float], ...] = ((0.72, 0.96), (1.04, 1.4))
    elsewhere_tempi: int = 15
    #: ln of the ratio, from which on all of the lead of such a tempo is lost; up to ``near_width`` nothing.
    elsewhere_far: float = 0.2
    #: Of these tempi none counts as wrong: the music's own metre contains them, to so much.
    contained: tuple[float, ...] = (0.75, 4.0 / 3.0)
    contained_width: float = 0.03
    octave_blend: float = 0.2  # octaves from the border of what is tapped, within which both are read
    near: tuple[float, ...] = (0.98, 0.99, 1.01, 1.02)  # ratios to the tempo heard that count, too ...
    near_width: float = 0.025  # ... the less the farther, and nothing from here on
    same_showing: float = 0.3  # of the poses' spread, by which two showings of one film may differ
    shortest_showing: float = 3.0  # s
    showing_share: float = 0.55  # of a film, at most, that is its first showing
    #: Autocorrelation of the joints' places from frame to frame that is no movement, and surely one. Dances
    #: have .84 to .99, also with noise of 4 % of the torso; the same with their frames shuffled .4 to .6.
    connected: tuple[float, float] = (0.57, 0.65)
    curve_middle: float = 0.229  # consistency that earns half of the points
    curve_power: float = 2.29  # steepness there
    block: int = 4  # beats whose mean phase is compared for steadiness
    block_span: tuple[float, float] = (5.0, 12.0)  # beats from the first block to the last: tell nothing, all
    trusted: float = 0.35  # consistency from which on there is a pulse whose phases mean something
    window: int = 8  # beats of a window in the report, and over which coverage is judged
    clear: float = 0.17  # consistency of a window in which the pulse is there
    loss_width: int = 3  # beats over which the consistency is averaged to see where the pulse is lost
    shortest_loss: int = 3  # beats
    window_range: tuple[float, float] = (0.0, 0.34)  # consistency of a window that counts nothing, fully
    weights: tuple[float, float, float] = (0.6, 0.25, 0.15)  # entrainment, steadiness, coverage
    timing_weight: float = 0.25  # of being on time, where there is a demo to compare with
    timing_free: float = 25.0  # ms early or late that cost nothing
    timing_spread: float = 70.0  # ms beyond that which cost about a third of it
    same_tempo: float = 0.03  # a demo whose tempo differs by more was danced to other music
    own_points: float = 15.0  # at most, where there is no music
    own_tempi: int = 70  # tried in an octave, where the movement's own pulse is searched
    target_range: float = 0.04  # of the tempo, around a target


@dataclass(frozen=True, slots=True)
class FingerprintConfig:
    """How copies of a video are recognised (``fingerprint.py``); judged by ``benchmarks/duplicates.py``.

    Whoever changes one raises ``fingerprint.VERSION``: fingerprints are compared within one version only.
    """

    picture_side: int = 64  # px, of the small grey pictures that are kept while the clip is watched ...
    picture_step: int = 6  # grid points between two of them
    black: float = 24.0  # grey levels of 255; rows and columns that stay below all along are bars
    speeds: tuple[float, float, float] = (0.88, 1.12, 0.02)  # of one clip against the other: from, to, step
    overlap: float = 3.0  # s that two clips must have in common, at least ...
    overlap_share: float = 0.3  # ... and this share of the shorter one
    seen: float = 0.6  # of the joints that one of them shows in the overlap, the other must show this share
    rough: float = 0.4  # agreement of poses that are not aligned finely, from which on it is tried
    short_price: float = 0.25  # distance that an overlap costs which is much shorter than the shorter clip
    tries: int = 6  # of the rough offsets and speeds, those that are measured finely
    still: float = 0.08  # torso lengths of movement about the mean pose; with less, pictures must decide
    movement: float = 0.15  # distance of the movement up to which it is a copy whatever the picture is like
    movement_there: float = 0.35  # up to which it is one where the pictures can be of the same place ...
    place: float = 0.15  # ... in that no more of their bits differ
    picture: float = 0.2  # share of the bits in which pictures may differ to be the same, and ...
    changes: float = 0.25  # ... those of what changes in them
    still_picture: float = 0.12  # the same, where nothing moves
    still_pose: float = 0.15  # torso lengths by which the poses may differ, where nothing moves


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """All constants of one engine version, by stage."""

    limits: ClipLimits = field(default_factory=ClipLimits)
    refusal: RefusalLimits = field(default_factory=RefusalLimits)
    media: MediaConfig = field(default_factory=MediaConfig)
    pose: PoseConfig = field(default_factory=PoseConfig)
    clean: CleanConfig = field(default_factory=CleanConfig)
    steps: StepsConfig = field(default_factory=StepsConfig)
    flags: FlagsConfig = field(default_factory=FlagsConfig)
    music: MusicConfig = field(default_factory=MusicConfig)
    motion_beats: MotionBeatsConfig = field(default_factory=MotionBeatsConfig)
    balance: BalanceConfig = field(default_factory=BalanceConfig)
    smoothness: SmoothnessConfig = field(default_factory=SmoothnessConfig)
    creativity: CreativityConfig = field(default_factory=CreativityConfig)
    rhythm: RhythmConfig = field(default_factory=RhythmConfig)
    fingerprint: FingerprintConfig = field(default_factory=FingerprintConfig)


DEFAULT = EngineConfig()
