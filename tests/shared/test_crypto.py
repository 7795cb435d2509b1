"""What is sealed opens with its key at its place, and in no other way; the keyring follows its file."""

import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.master import Keyring, keyring_text, new_keyring, read_keys, write_keyring
from shared.crypto.suites import SUITES, CannotOpen, Suite, unseal
from shared.errors import SettingError

suites = st.sampled_from(list(SUITES.values()))


@given(suites, st.binary(max_size=300), st.binary(max_size=40))
def test_it_opens_with_its_key_at_its_place(suite: Suite, data: bytes, place: bytes) -> None:
    key = suite.new_key()
    sealed = suite.seal(key, data, place)
    assert unseal(key, sealed, place) == data
    assert sealed != suite.seal(key, data, place)
    assert len(data) < 8 or data not in sealed


@given(suites, st.binary(max_size=60), st.data())
def test_any_altered_byte_is_refused(suite: Suite, data: bytes, draw: st.DataObject) -> None:
    key = suite.new_key()
    sealed = bytearray(suite.seal(key, data, b"row 1"))
    at = draw.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(CannotOpen):
        unseal(key, bytes(sealed), b"row 1")


@given(suites, st.binary(max_size=60), st.integers(0, 28))
def test_another_key_another_place_and_a_cut_end_are_refused(suite: Suite, data: bytes, cut: int) -> None:
    key = suite.new_key()
    sealed = suite.seal(key, data, b"row 1")
    for wrong in (
        (suite.new_key(), sealed, b"row 1"),
        (key[:-1], sealed, b"row 1"),
        (key, sealed, b"row 2"),
        (key, sealed[:cut], b"row 1"),
    ):
        with pytest.raises(CannotOpen):
            unseal(*wrong)


def test_the_hashes_of_the_suites_are_those_of_the_standards() -> None:
    # FIPS 180-2 and GB/T 32905, example 1 of each; the keyed hashes are HMAC (RFC 2104) of them.
    plain = {
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sm3": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    }
    for suite, algorithm in (("aes", "sha256"), ("sm", "sm3")):
        assert hashlib.new(algorithm, b"abc").hexdigest() == plain[algorithm]
        expected = hmac.new(b"k" * 32, b"phone\x0013800000000", algorithm).hexdigest()
        assert SUITES[suite].digest(b"k" * 32, "phone", "13800000000") == expected


def test_a_keyring_follows_its_file(tmp_path: Path) -> None:
    path = tmp_path / "master-key"
    write_keyring(path, new_keyring({}))
    assert path.stat().st_mode & 0o777 == 0o600
    ring = Keyring(path)
    (first,) = ring.ids
    wrapped = ring.wrap(first, "sm", b"k" * 16, b"place")
    write_keyring(path, new_keyring(ring.keys))
    newest, older = ring.ids
    assert older == first and newest != first
    assert ring.unwrap(first, wrapped, b"place") == b"k" * 16
    with pytest.raises(CannotOpen):
        ring.unwrap(newest, wrapped, b"place")
    write_keyring(path, keyring_text({newest: ring.keys[newest]}))
    with pytest.raises(KeyError):
        ring.unwrap(first, wrapped, b"place")


@pytest.mark.parametrize("text", ["", "# none\n", "id 12\n", f"a {'0' * 64}\na {'1' * 64}", "\u4fe1"])
def test_what_is_no_keyring_is_said_without_showing_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master-key"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingError) as said:
        Keyring(path).ids  # noqa: B018
    assert "MASTER_KEY_FILE" in str(said.value) and "0000" not in str(said.value)


def test_a_missing_keyring_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="huajie master-key new"):
        Keyring(tmp_path / "none").ids  # noqa: B018
    assert list(read_keys(new_keyring({})))
