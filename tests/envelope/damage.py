"""Damaged bytes, for readers that must refuse them by their own errors and no others."""

from hypothesis import strategies as st

PIECES = [
    b"\0",
    b"\n",
    b"=",
    b"-> ",
    b"--- ",
    b"\xff",
    b'"',
    b"{",
    b"[",
    b"\\ud800",
    b"1e9",
    b"ustar",
]


@st.composite
def damaged(draw: st.DrawFn, sound: bytes) -> bytes:
    """Return `sound` after a few small or large injuries; rarely as it was."""
    hurt = bytearray(sound)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(hurt)))
        match draw(st.integers(0, 5)):
            case 0 if hurt:
                at %= len(hurt)
                hurt[at] ^= 1 << draw(st.integers(0, 7))
            case 1:
                del hurt[at : at + draw(st.integers(1, 600))]
            case 2:
                hurt[at:at] = draw(st.binary(min_size=1, max_size=16))
            case 3:
                hurt[at:at] = draw(st.sampled_from(PIECES))
            case 4:
                hurt[at:at] = hurt[at : at + draw(st.integers(1, 2000))]
            case _:
                del hurt[at:]
    return bytes(hurt)
