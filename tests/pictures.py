"""The five pictures that README.md shows, made anew: `python -m tests.pictures FOLDER`.

Five months of a made-up county go by (tests/ways.py), then Chromium looks at it as the people of the
mechanism do. Every word on the pictures is invented.
"""

import sys
import tempfile
from datetime import timedelta
from io import BytesIO
from itertools import cycle
from pathlib import Path

from PIL import Image

from shared import clock
from tests.browser.conftest import Desk, chromium, served
from tests.ground import Ground, clear_memory_bus, one_process
from tests.ways import Walker, Way, roster, walk

MATTERS = ("村道硬化", "低保评定", "征地补偿", "饮水工程", "集体资金", "宅基地审批", "退耕还林款", "危房改造")
WHAT = ("没有完工", "没有公示", "数目不符", "停了两年", "去向不明", "久拖未办", "多年未付", "优亲厚友")
PLACES = ("桥头村", "水田坝村", "百福头村", "松树岭村", "大路沟村", "龙王垭村", "柿子坪村", "双河口村")
TEXT = "去年十月起我们向村里问过三次，都说等一等，到现在没有下文。请派人来看一看，给个说法。"
CHANNELS = ("letter", "visit", "web", "call")
CLASSES = ("01", "03", "05", "07", "09", "12")
# How many days ago a wave of petitions came in, and where each of them stands today.
WAVES = (
    (150, ("rated",) * 9 + ("handled",)),
    (110, ("rated",) * 7 + ("replied", "declined", "transferred", "planned")),
    (75, ("rated",) * 6 + ("replied",) * 3 + ("checked", "handled")),
    (40, ("rated",) * 3 + ("replied", "closed", "checked", "proposed", "handled", "planned")),
    (12, ("planned", "accepted", "read", "registered", "registered", "registered")),
)
WIDE, TALL, PHONE = (
    {"width": width, "height": height} for width, height in ((1280, 860), (1280, 1500), (390, 844))
)
COLOURS = 128


def take(folder: Path) -> None:
    """Write the five pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    clear_memory_bus()
    with tempfile.TemporaryDirectory() as data, Ground(one_process(Path(data))) as ground:
        ground.prepare()
        walkers = _tell(ground)
        ground.start()
        with served(ground) as address, chromium() as browser:

            def desk(post: str | None, viewport: dict[str, int] = WIDE, scale: float = 1) -> Desk:
                context = browser.new_context(
                    viewport=viewport,  # type: ignore[arg-type]
                    device_scale_factor=scale,
                    locale="zh-CN",
                )
                made = Desk(context.new_page(), address)
                if post:
                    made.sign_in(post)
                return made

            _shoot(desk("head"), "/intake/reading/next", folder / "reading.png")
            handled = _last(walkers, "handled")
            petition = f"/intake/petitions/{handled.petition['id']}"
            _shoot(desk(f"{handled.seats.office}-a"), petition, folder / "petition.png")
            _shoot(desk("head", TALL), "/reporting/board", folder / "board.png")
            _shoot(desk("supervisor-1"), "/supervision/late", folder / "late.png")
            _portal(desk(None, PHONE, 2), _last(walkers, "planned"), folder)


def _tell(ground: Ground) -> list[Walker]:
    seats, told = cycle(roster(ground)), []
    for ago, stages in WAVES:
        wave = [_walker(ground, next(seats), len(told) + place, stage) for place, stage in enumerate(stages)]
        told += wave
        walk(ground, [_way(walker) for walker in wave], clock.now() - timedelta(days=ago))
    return told


def _walker(ground: Ground, seats: object, number: int, stage: str) -> Walker:
    title = f"{PLACES[number % 8]}{MATTERS[number * 3 % 8]}{WHAT[number * 5 % 8]}"
    body = {
        "title": title,
        "text": f"{title}。{TEXT}",
        "channel": CHANNELS[number % len(CHANNELS)],
        "content_class": CLASSES[number % len(CLASSES)],
        "place": PLACES[number % 8],
        "person": {"name": "甲某", "phone": "13800000000"},
    }
    rating = "dissatisfied" if number % 13 == 5 else "satisfied"
    return Walker(ground, seats, until=stage, body=body, rating=rating)  # type: ignore[arg-type]


def _way(walker: Walker) -> Way:
    if walker.until == "declined":
        return walker.declined()
    return walker.transferred() if walker.until == "transferred" else walker.go()


def _last(walkers: list[Walker], stage: str) -> Walker:
    return [walker for walker in walkers if walker.until == stage][-1]


def _portal(desk: Desk, walker: Walker, folder: Path) -> None:
    desk.look_up(walker.code)
    _save(desk, folder / "portal.png")


def _shoot(desk: Desk, path: str, file: Path) -> None:
    desk.go(path)
    _save(desk, file)


def _save(desk: Desk, file: Path) -> None:
    """A picture of what the window shows, in few colours, so that it is small."""
    desk.page.wait_for_timeout(800)  # charts draw themselves in
    with Image.open(BytesIO(desk.page.screenshot())) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    desk.page.context.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
