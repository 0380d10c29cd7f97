"""The ciphers: what opens, and all that must not."""

from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals import vault
from referrals.vault import MistypedPart, PrivateKey, SigningKey, Unopenable, Unsigned
from tests.referrals.conftest import PASSPHRASE

names = st.lists(st.one_of(st.text(), st.integers(), st.binary()), max_size=4)


@given(names, names)
def test_two_lists_of_names_never_give_the_same_context(one: list[vault.Name], other: list[vault.Name]) -> None:
    assert (vault.context(*one) == vault.context(*other)) == (
        [(type(name), name) for name in one] == [(type(name), name) for name in other]
    )


@pytest.mark.parametrize("plain", [b"", b"\0\0\0"])
def test_content_that_was_never_padded_does_not_open(plain: bytes) -> None:
    key = b"k" * vault.KEY_BYTES
    with pytest.raises(Unopenable):
        vault.open_content(key, vault._encrypt(key, plain, "content", vault.SUITE, 1), 1)


def test_what_is_sealed_to_a_key_opens_with_it_for_the_same_names_alone() -> None:
    key, other = PrivateKey.generate(), PrivateKey.generate()
    sealed = key.public().seal(b"secret", "referral 1", 7)
    assert key.open(sealed, "referral 1", 7) == b"secret"
    for reader, place in ((other, ("referral 1", 7)), (key, ("referral 2", 7)), (key, ("referral 1", "7"))):
        with pytest.raises(Unopenable):
            reader.open(sealed, *place)


@pytest.mark.parametrize("broken", [b"", b"\0" * 40, b"\0" * 1168])
def test_what_is_no_sealed_thing_does_not_open(broken: bytes) -> None:
    with pytest.raises(Unopenable):
        PrivateKey.generate().open(broken, "x")


def test_a_key_is_the_same_after_it_was_stored() -> None:
    key = PrivateKey.generate()
    again = PrivateKey(key.raw)
    assert again.public() == key.public()
    assert len(key.raw) == 96
    assert len(key.public().raw) == 1216
    assert again.open(key.public().seal(b"secret"), *()) == b"secret"


def test_a_key_shows_itself_nowhere() -> None:
    key, root = PrivateKey.generate(), SigningKey.generate()
    assert repr(key) == "<PrivateKey>"
    assert repr(root) == "<SigningKey>"


@given(st.binary(max_size=10_000))
def test_content_opens_as_it_was_and_its_length_tells_little(content: bytes) -> None:
    key, sealed = vault.seal_content(content, "a")
    assert vault.open_content(key, sealed, "a") == content
    assert (len(sealed) - 12 - 16) % vault.PADDED_TO == 0


def test_short_and_shorter_content_have_one_length() -> None:
    assert len({len(vault.seal_content(b"x" * length)[1]) for length in (0, 1, 100, 4000)}) == 1


def test_content_opens_in_no_other_place() -> None:
    key, sealed = vault.seal_content(b"story", "referral 1", "section 1")
    for place in (("referral 2", "section 1"), ("referral 1", "section 2"), ("referral 1section 1",)):
        with pytest.raises(Unopenable):
            vault.open_content(key, sealed, *place)
    with pytest.raises(Unopenable):
        vault.open_content(key, sealed[:-1] + bytes([sealed[-1] ^ 1]), "referral 1", "section 1")
    with pytest.raises(Unopenable):
        vault.open_content(vault.seal_content(b"")[0], sealed, "referral 1", "section 1")


def test_a_passphrase_opens_what_it_wrapped() -> None:
    wrapped = vault.wrap(b"key", "naïve çà 안녕", "triager 1")
    assert vault.unwrap(wrapped, "naïve çà 안녕", "triager 1") == b"key"
    for passphrase, place in (("naive", "triager 1"), ("naïve çà 안녕", "triager 2")):
        with pytest.raises(Unopenable):
            vault.unwrap(wrapped, passphrase, place)
    with pytest.raises(Unopenable):
        vault.unwrap(b"", "x", "triager 1")


def test_the_same_passphrase_never_wraps_alike() -> None:
    assert vault.wrap(b"key", "passphrase") != vault.wrap(b"key", "passphrase")


def test_a_cookie_opens_what_was_sealed_under_it() -> None:
    cookie = vault.new_cookie_key()
    sealed = vault.seal_under(cookie, b"key", "session")
    assert vault.open_under(cookie, sealed, "session") == b"key"
    with pytest.raises(Unopenable):
        vault.open_under(vault.new_cookie_key(), sealed, "session")
    with pytest.raises(Unopenable):
        vault.open_under(cookie, sealed, "another session")


def test_a_signature_is_for_its_names_and_its_root() -> None:
    root, other = SigningKey.generate(), SigningKey.generate()
    signature = root.sign("epoch", 1, b"key")
    vault.require_signed(root.public(), signature, "epoch", 1, b"key")
    for public, signed, place in (
        (other.public(), signature, ("epoch", 1, b"key")),
        (root.public(), signature, ("epoch", 2, b"key")),
        (root.public(), b"\0" * 64, ("epoch", 1, b"key")),
        (b"", signature, ("epoch", 1, b"key")),
    ):
        with pytest.raises(Unsigned):
            vault.require_signed(public, signed, *place)


def test_codes_are_read_as_people_type_them() -> None:
    code = vault.new_code()
    assert len(vault.normalised(code)) == 20
    assert vault.normalised(" " + code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == (
        vault.normalised(code)
    )
    assert vault.code_hash(code.lower(), "receipt") == vault.code_hash(code, "receipt")
    assert vault.code_hash(code, "receipt") != vault.code_hash(code, "consent")


@given(st.binary(min_size=5, max_size=40).filter(lambda content: len(content) % 5 == 0))
def test_what_is_written_in_groups_is_read_again(content: bytes) -> None:
    assert vault.ungrouped(vault.grouped(content).lower()) == content


def test_any_two_parts_recover_the_key_and_one_says_nothing() -> None:
    seed = vault.new_seed()
    parts = vault.split(seed)
    for one, other in permutations(parts, 2):
        assert vault.join(one.lower(), f" {other} ") == seed
    assert vault.recovery_key(seed).raw == vault.recovery_key(vault.join(*parts[:2])).raw
    # One part holds two of three shares; the third is as random as the seed itself, so any seed fits it.
    for part in parts:
        assert seed not in vault.ungrouped(part)


def test_a_mistyped_part_is_found() -> None:
    parts = vault.split(vault.new_seed())
    first, second = parts[0], parts[1]
    changed = ("1" if first[10] != "1" else "2").join([first[:10], first[11:]])
    for one in (changed, first[:-1], first + "0", "", "!", vault.new_code(280)):
        with pytest.raises(MistypedPart):
            vault.join(one, second)
    with pytest.raises(MistypedPart, match="same part"):
        vault.join(first, first)


def test_parts_of_two_keys_make_no_key_of_either() -> None:
    one, other = vault.new_seed(), vault.new_seed()
    for mine, theirs in combinations([vault.split(one)[0], vault.split(other)[1]], 2):
        assert vault.join(mine, theirs) not in {one, other}


@pytest.mark.parametrize("suite", [1, 2])
def test_what_was_sealed_under_an_earlier_suite_still_opens_and_under_no_other(suite: int) -> None:
    wrapped = vault.wrap(b"secret", PASSPHRASE, "names", suite=suite)
    assert vault.unwrap(wrapped, PASSPHRASE, "names", suite=suite) == b"secret"
    key, sealed = vault.seal_content(b"content", "names", suite=suite)
    assert vault.open_content(key, sealed, "names", suite=suite) == b"content"
    private = PrivateKey.generate()
    envelope = private.public().seal(b"key", "names", suite=suite)
    assert private.open(envelope, "names", suite=suite) == b"key"
    for opens in (
        lambda: vault.unwrap(wrapped, PASSPHRASE, "names", suite=3 - suite),
        lambda: vault.open_content(key, sealed, "names", suite=3 - suite),
        lambda: private.open(envelope, "names", suite=3 - suite),
    ):
        with pytest.raises(Unopenable):
            opens()
