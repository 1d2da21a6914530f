from __future__ import annotations

import pytest

from breakdowns import links
from idance.lib.problems import Invalid

ID = "dQw4w9WgXcQ"


@pytest.mark.parametrize(
    "address",
    [
        f"https://www.youtube.com/watch?v={ID}",
        f"http://youtube.com/watch?v={ID}&list=PL0123456789&index=4&t=1m30s",
        f"https://m.youtube.com/watch?app=desktop&v={ID}#comments",
        f"https://music.youtube.com/watch?v={ID}&si=abc",
        f"https://www.youtube.com/shorts/{ID}?feature=share",
        f"https://youtube.com/shorts/{ID}/",
        f"https://youtu.be/{ID}?t=42",
        f"  youtu.be/{ID}  ",
        f"www.youtube.com/watch?v={ID}",
        f"https://www.youtube.com/live/{ID}",
        f"https://www.youtube-nocookie.com/embed/{ID}?start=3",
        f"HTTPS://WWW.YOUTUBE.COM/watch?v={ID}",
    ],
)
def test_every_link_to_one_youtube_video_is_the_same(address: str) -> None:
    link = links.parse(address)
    assert link.key == f"youtube:{ID}"
    assert link.url == f"https://www.youtube.com/watch?v={ID}"


@pytest.mark.parametrize(
    "address",
    [
        "https://www.instagram.com/reel/C1_a-bCdEfG/",
        "https://instagram.com/reels/C1_a-bCdEfG?igsh=MzRlODBiNWFlZA==",
        "https://www.instagram.com/p/C1_a-bCdEfG/?img_index=1",
        "https://www.instagram.com/some.dancer_1/reel/C1_a-bCdEfG/",
        "instagram.com/tv/C1_a-bCdEfG",
    ],
)
def test_every_link_to_one_instagram_video_is_the_same(address: str) -> None:
    link = links.parse(address)
    assert link.key == "instagram:C1_a-bCdEfG"
    assert link.url == "https://www.instagram.com/reel/C1_a-bCdEfG/"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://www.youtube.com/playlist?list=PL0123456789", "one video"),
        ("https://www.youtube.com/@dancer", "one video"),
        (f"https://www.youtube.com/watch?v={ID}x", "one video"),
        ("https://www.youtube.com/watch", "one video"),
        ("https://www.instagram.com/some.dancer/", "Instagram link"),
        ("https://www.instagram.com/stories/dancer/123456/", "Instagram link"),
        ("https://vimeo.com/12345", "YouTube or Instagram"),
        (f"https://evil.example/watch?v={ID}", "YouTube or Instagram"),
        (f"https://www.youtube.com@evil.example/watch?v={ID}", "YouTube or Instagram"),
        (f"https://www.youtube.com.evil.example/watch?v={ID}", "YouTube or Instagram"),
        (f"https://evil.example@www.youtube.com/watch?v={ID}", "YouTube or Instagram"),
        (f"javascript:alert(1)<!--@youtube.com/watch?v={ID}", "YouTube or Instagram"),
        (f"ftp://www.youtube.com/watch?v={ID}", "YouTube or Instagram"),
        ("file:///etc/passwd", "YouTube or Instagram"),
        ("https://[::1/", "YouTube or Instagram"),
        ("http://169.254.169.254/latest", "YouTube or Instagram"),
        ("dance", "YouTube or Instagram"),
        ("", "YouTube or Instagram"),
    ],
)
def test_anything_else_is_told_what_to_give(address: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        links.parse(address)
    assert words in refused.value.sentence
