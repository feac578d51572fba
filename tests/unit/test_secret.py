from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from imagekit.secret import Secret, SecretProblem, Secrets, SecretSource, SecretText, holds_secret

CANARY = "canary-4711"


class Account(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    password: SecretText
    key: Secret | None = None


class Accounts(BaseModel):
    accounts: tuple[Account, ...] = ()
    env: dict[str, SecretText] = {}


def store(environ: dict[str, str] | None = None, folder: Path = Path(), **sources: Any) -> Secrets:
    made = {name: (SecretSource.model_validate(source), folder) for name, source in sources.items()}
    return Secrets(made, environ=environ or {})


def test_only_reveal_gives_the_value() -> None:
    secret = Secret(CANARY, "db")
    shown = f"{secret}{secret!r}{[secret]}{secret:}{Account(password=secret)!r}"

    assert secret.reveal() == CANARY
    assert CANARY not in shown
    assert "***" in shown


def test_what_is_serialised_is_the_name() -> None:
    account = Account(password=Secret(CANARY, "db"), key=Secret(CANARY, "key"))

    assert account.model_dump() == {"password": {"secret": "db"}, "key": {"secret": "key"}}
    assert account.model_dump_json() == '{"password":{"secret":"db"},"key":{"secret":"key"}}'


def test_a_secret_is_copied_but_never_pickled() -> None:
    secret = Secret(CANARY, "db")

    assert copy.deepcopy(secret) is secret
    assert copy.copy(secret) is secret
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)


def test_secrets_are_equal_when_name_and_value_are() -> None:
    assert Secret("a", "x") == Secret("a", "x")
    assert hash(Secret("a", "x")) == hash(Secret("b", "x"))
    assert Secret("a", "x") != Secret("b", "x")
    assert Secret("a", "x") != Secret("a", "y")
    assert Secret("a", "x") != "a"
    assert Secret("", "x") != Secret.withheld("y")


def test_a_withheld_secret_reveals_nothing() -> None:
    with pytest.raises(SecretProblem, match="was not read"):
        Secret.withheld("db").reveal()


def test_a_field_takes_text_or_a_reference() -> None:
    context = {"secrets": store({"DB": CANARY}, db={"env": "DB"})}
    account = Account.model_validate({"password": {"secret": "db"}, "key": {"secret": "db"}}, context=context)

    assert isinstance(account.password, Secret)
    assert account.password.reveal() == CANARY
    assert Account(password="plain").password == "plain"


@pytest.mark.parametrize("value", [{"secret": 1}, {"secret": "db", "x": 1}, {}, [], 5, None, {"secret": "other"}])
def test_anything_else_is_refused(value: object) -> None:
    context = {"secrets": store({"DB": CANARY}, db={"env": "DB"})}
    with pytest.raises(ValidationError) as caught:
        Account.model_validate({"password": value}, context=context)

    assert [error["loc"] for error in caught.value.errors()] == [("password",)]
    assert CANARY not in str(caught.value)


def test_a_reference_needs_a_spec() -> None:
    with pytest.raises(ValidationError, match="outside a spec"):
        Account.model_validate({"password": {"secret": "db"}})


def test_the_json_schema_tells_of_both_forms() -> None:
    schema = TypeAdapter(SecretText).json_schema()

    assert [form["type"] for form in schema["anyOf"]] == ["string", "object"]


def test_values_come_from_variables_files_and_descriptors(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("two\nlines\r\n")
    read, write = os.pipe()
    os.write(write, b"from a pipe\n")
    os.close(write)
    secrets = store({"V": "from env\n"}, tmp_path, a={"env": "V"}, b={"file": "key"}, c={"fd": read})

    assert [secrets.find(name).reveal() for name in "abc"] == ["from env\n", "two\nlines", "from a pipe"]
    assert secrets.find("c") is secrets.find("c")
    os.close(read)


def test_nothing_is_read_before_it_is_asked_for_or_when_withheld(tmp_path: Path) -> None:
    sources = {"a": (SecretSource(file="nothing"), tmp_path), "b": (None, tmp_path)}

    assert Secrets(sources, withhold=True).find("a") == Secret.withheld("a")
    assert Secrets(sources).find("b") == Secret.withheld("b")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"env": "UNSET"}, "environment variable UNSET is not set"),
        ({"env": "EMPTY"}, "environment variable EMPTY is empty"),
        ({"file": "nothing"}, "file nothing cannot be read: No such file or directory"),
        ({"file": "binary"}, "file binary is not UTF-8 text"),
        ({"file": "nul"}, "file nul holds a NUL byte"),
        ({"file": "large"}, "file large holds more than 64 KiB"),
        ({"fd": 987654}, "file descriptor 987654 cannot be read: Bad file descriptor"),
    ],
)
def test_a_source_that_fails_is_told_without_what_is_in_it(source: dict[str, Any], says: str, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff" + CANARY.encode())
    (tmp_path / "nul").write_bytes(CANARY.encode() + b"\0")
    (tmp_path / "large").write_bytes(CANARY.encode() * 10_000)
    with pytest.raises(SecretProblem) as caught:
        store({"EMPTY": ""}, tmp_path, db=source).find("db")

    assert str(caught.value) == f'secret "db" cannot be read: {says}'
    assert CANARY not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_an_unknown_secret_gets_the_nearest_name() -> None:
    with pytest.raises(SecretProblem) as caught:
        store({}, password={"env": "X"}).find("pasword")

    assert (caught.value.code, caught.value.fix) == ("IK-SPEC-040", 'did you mean "password"?')


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("env:VAR", SecretSource(env="VAR")),
        ("file:/a:b", SecretSource(file="/a:b")),
        ("fd:7", SecretSource(fd=7)),
    ],
)
def test_the_command_line_writes_a_source_with_a_colon(text: str, source: SecretSource) -> None:
    assert SecretSource.from_argument(text) == source


@pytest.mark.parametrize("text", ["", CANARY, "env:", "fd:x", "fd:-1", "pass:word"])
def test_any_other_source_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(SecretProblem) as caught:
        SecretSource.from_argument(text)

    assert CANARY not in f"{caught.value}{caught.value.fix}"
    assert caught.value.code == "IK-SPEC-042"


@pytest.mark.parametrize("source", [{}, {"env": "a", "file": "b"}, {"fd": -1}, {"envv": "a"}])
def test_a_source_is_exactly_one_of_three(source: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SecretSource.model_validate(source)


def test_a_secret_is_found_however_deep_it_is() -> None:
    secret = Secret(CANARY, "db")

    assert holds_secret(Accounts(accounts=(Account(password="x"), Account(password=secret))))
    assert holds_secret(Accounts(env={"TOKEN": secret}))
    assert holds_secret([{"a": (secret,)}])
    assert not holds_secret(Accounts(accounts=(Account(password="x"),), env={"A": "b"}))
