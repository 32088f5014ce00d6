"""Another implementation reads what we seal, and we read what it seals."""

from io import BytesIO

import pytest

from app.envelope.errors import NoMatch
from app.envelope.opening import open_envelope
from app.envelope.parcel import ParcelReader
from app.envelope.sealing import seal
from tests.envelope import node, samples
from tests.envelope.samples import JANE, OMAR, RUTH

CONTENTS = [b"", b"words", bytes(range(256)) * 800, bytes(65_536), bytes(65_537), bytes(131_072)]


@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_it_opens_what_we_seal(content):
    out = BytesIO()
    seal([JANE.recipient, OMAR.recipient], BytesIO(content), out)
    assert node.run("other_age.mjs", "open", str(OMAR.identity), given=out.getvalue()) == content


@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_we_open_what_it_seals(content):
    recipients = [str(JANE.recipient), str(OMAR.recipient)]
    file = node.run("other_age.mjs", "seal", *recipients, given=content)
    for key in (JANE, OMAR):
        assert open_envelope(BytesIO(file), key.identity).payload.read() == content
    with pytest.raises(NoMatch):
        open_envelope(BytesIO(file), RUTH.identity)


def test_a_parcel_goes_both_ways():
    parcel = samples.parcel(b"{}", bytes(64), [bytes(200 * 1024)])
    out = BytesIO()
    seal([JANE.recipient], BytesIO(parcel), out)
    there = node.run("other_age.mjs", "open", str(JANE.identity), given=out.getvalue())
    back = node.run("other_age.mjs", "seal", str(JANE.recipient), given=there)
    ParcelReader(open_envelope(BytesIO(back), JANE.identity).payload).finish()
