"""A folder of YAML as one declaration, and the desired state it declares for an account at a moment."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Final

from iamsync.core import validate
from iamsync.core.arn import Account
from iamsync.core.denials import denials
from iamsync.core.document import Document
from iamsync.core.guarded_users import guarded_users
from iamsync.core.model import DesiredState, Guards, Origin, Problem, Quotas, Settings
from iamsync.core.policy_names import misplaced_policies
from iamsync.desired import accounts, checks, references
from iamsync.desired.delivery import Recipients, recipients
from iamsync.desired.documents import Key, Written, documents
from iamsync.desired.expiries import Expiry, expiries
from iamsync.desired.merge import Declared, Merged, merged
from iamsync.desired.near import did_you_mean
from iamsync.desired.outline import Outline, outline
from iamsync.desired.places import alias_on, at_loose_path, path_to, written
from iamsync.desired.reasons import Explained, explained
from iamsync.desired.schema import AccountEntry
from iamsync.desired.settings import SettingsEntry
from iamsync.desired.sources import read
from iamsync.desired.state import Context, beginnings, built
from iamsync.desired.substitute import values_for
from iamsync.desired.telling import at_most, through_alias
from iamsync.errors import DesiredStateError

MOST: Final = 200
"""Problems of one kind that are looked for."""
MOST_ACCOUNTS: Final = 10
"""That are looked at when the files are wrong anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InAccount:
    """What the files declare for one account at one moment, and what of it is only probably wrong there."""

    state: DesiredState
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the files declare, for whichever account it turns out to be."""

    settings: Settings
    warnings: tuple[Problem, ...]
    offline_accounts: tuple[Account, ...]
    """The accounts that the files speak of, as far as they say; for checking them without credentials."""
    _whole: Merged
    _texts: Mapping[Key, Written]
    _documents: Mapping[Key, Document]
    _faultless: tuple[Key, ...]
    _recipients: Recipients
    _faults: dict[tuple[Key, str], tuple[Problem, ...]] = field(default_factory=dict)

    def place_in_document(self, key: Key, path: str) -> Origin | None:
        """Where a path of a document (`Statement[0].Resource`) was written; None if nobody declares the document."""
        return self._texts[key].place_of(path) if key in self._texts else None

    def expiries(self, now: datetime) -> tuple[Expiry, ...]:
        """What ends after a moment because the files say so, the next first."""
        return expiries(self._whole, now)

    def outline(self, account: Account) -> Outline:
        """What new entries of the files can build on in an account."""
        return outline(self._whole, account)

    @property
    def unsupported(self) -> tuple[Problem, ...]:
        """What the language can say and no command does yet; nothing that is declared is ignored silently."""
        return tuple(
            Problem(
                origin=account.origin,
                path=f"accounts.{account.name}",
                message="not supported yet: iamsync assumes no roles; have a folder and credentials for each account",
            )
            for account in self._whole.accounts.values()
        )

    @property
    def offline_account(self) -> Account:
        """The first of the accounts that the files speak of."""
        return self.offline_accounts[0]

    def possible_accounts(self, account: Account) -> Iterator[Account]:
        """What an offline account may turn out to be instead: the files need not say which partition or id it has."""
        return accounts.others_than(account, self._whole, self._texts.values())

    def guarded_users(self, account: Account, now: datetime) -> tuple[Problem, ...]:
        """Required users who are not declared, and required or protected ones who are suspended, with their places."""
        guards = self.settings.guards
        if not (guards.required_users or guards.protected_users):
            return ()
        state, _ = self._state_and_problems(account, now)
        return _sorted(_placed(problem, self._whole) for problem in guarded_users(state))

    @property
    def account_warnings(self) -> tuple[Problem, ...]:
        """That nobody has said which account the files are for, if so."""
        if self.settings.account_id is not None:
            return ()
        message = "account_id is not set: the files are applied to whatever account the credentials are for; set it"
        unset = validate.problem(None, "settings", message, warning=True)
        return (_placed(unset, self._whole),)

    def state(self, account: Account, now: datetime) -> DesiredState:
        """The desired state of an account at a moment. Raises DesiredStateError for what AWS would refuse there."""
        return self.in_account(account, now).state

    def later_states(self, account: Account, now: datetime) -> tuple[DesiredState, ...]:
        """The desired states at the moments after `now` at which grants begin, as far as they are right."""
        return tuple(self._state_and_problems(account, moment)[0] for moment in beginnings(self._whole, now))

    def in_account(self, account: Account, now: datetime) -> InAccount:
        """The same, with the warnings about it."""
        state, problems = self._state_and_problems(account, now)
        if not all(problem.warning for problem in problems):
            raise DesiredStateError(at_most(through_alias(problem, self._whole.sources) for problem in problems))
        return InAccount(state=state, warnings=_sorted(problems))

    def refused_at(self, now: datetime) -> Iterator[Problem]:
        """What AWS would refuse of the files as far as they are right, so that everything is reported at once."""
        for account in self.offline_accounts[:MOST_ACCOUNTS]:
            yield from (one for one in self._state_and_problems(account, now)[1] if not one.warning)

    def _state_and_problems(self, account: Account, now: datetime) -> tuple[DesiredState, list[Problem]]:
        named, values = self._named(account)
        filled = {key: one.in_account(values) for key, one in self._texts.items() if one.is_template}
        problems = [problem for one in filled.values() for problem in one.problems]
        readable = {**self._documents, **{key: one.document for key, one in filled.items() if one.document}}
        faultless = (*self._faultless, *(key for key, one in filled.items() if not one.problems))
        problems += _first(fault for key in faultless for fault in self._faults_of(key, values, account.partition))
        if named is None and self._whole.accounts:
            names = ", ".join(islice(self._whole.accounts, 10))
            origin = min(one.origin for one in self._whole.accounts.values())
            message = f"the account {account.id} is not among them: {names}"
            problems.append(Problem(origin=origin, path="accounts", message=message))
        context = Context(
            whole=self._whole,
            settings=self.settings,
            account=account,
            account_name=named.name if named else None,
            now=now,
            values=values,
            documents=readable,
            recipients=self._recipients,
        )
        state = built(context)
        told = chain(validate.problems(state), misplaced_policies(state), denials(state))
        problems += (_placed(problem, self._whole) for problem in _first(told))
        return state, problems

    def _named(self, account: Account) -> tuple[Declared[AccountEntry] | None, Mapping[str, str]]:
        """The account as the files name it, if they do, and what names to fill in stand for there."""
        named = next((one for one in self._whole.accounts.values() if one.value.id == account.id), None)
        variables = {**self._whole.vars, **(named.value.vars if named else {})}
        return named, values_for(account, named.name if named else None, variables)

    def why(self, name: str, account: Account, now: datetime) -> Explained | None:
        """Why a user has what the files declare; None if no file declares one of that name."""
        user = next((one for key, one in self._whole.users.items() if key.casefold() == name.casefold()), None)
        if user is None:
            return None
        named, values = self._named(account)
        context = Context(
            whole=self._whole,
            settings=self.settings,
            account=account,
            account_name=named.name if named else None,
            now=now,
            values=values,
            documents={},
            recipients={},
        )
        return explained(user, context)

    def nearest_user(self, name: str) -> str:
        """The question to put behind the name of a user whom nobody declares, or nothing."""
        return did_you_mean(name, self._whole.users)

    def _faults_of(self, key: Key, values: Mapping[str, str], partition: str) -> tuple[Problem, ...]:
        """The faults of a document that can be read; of one that is the same in each account, found once."""
        text = self._texts[key]
        if text.is_template:
            return tuple(text.faults(values, partition))
        if (key, partition) not in self._faults:
            self._faults[key, partition] = tuple(text.faults({}, partition))
        return self._faults[key, partition]


def load(root: Path) -> Declaration:
    """What the folder declares. Raises DesiredStateError with all that is wrong, in all files."""
    declaration, errors, more = _read_and_checked(root)
    if errors:
        raise DesiredStateError(at_most(errors, more))
    return declaration


def _read_and_checked(root: Path) -> tuple[Declaration, list[Problem], int]:
    reading = read(root)
    whole, twice = merged(reading.sources, is_complete=reading.is_complete)
    texts, missing = documents(whole, root)
    keys, unsealed = recipients(whole, root)
    parsed = {key: one.in_account({}) for key, one in texts.items() if not one.is_template}
    checked = list(_first(checks.problems(whole, texts.values())))
    told = [
        *(*reading.problems, *twice, *missing, *unsealed),
        *(problem for one in parsed.values() for problem in one.problems),
        *_first(references.problems(whole)),
        *checked,
    ]
    declaration = Declaration(
        settings=_settings(whole.settings),
        warnings=_sorted(problem for problem in told if problem.warning),
        offline_accounts=accounts.spoken_of(whole, texts.values()),
        _whole=whole,
        _texts=texts,
        _documents={key: one.document for key, one in parsed.items() if one.document},
        _faultless=tuple(key for key, one in parsed.items() if not one.problems),
        _recipients=keys,
    )
    errors = [problem for problem in told if not problem.warning]
    if errors:
        paths = {problem.path for problem in checked}  # what AWS would refuse of them may follow from what was found
        errors += [problem for problem in declaration.refused_at(datetime.now(UTC)) if problem.path not in paths]
        errors = [through_alias(problem, whole.sources) for problem in errors]
    return declaration, errors, reading.more


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems)))


def _first(problems: Iterator[Problem]) -> Iterator[Problem]:
    """The first of many, and one more: who makes a mistake a thousand times does not want to read it as often."""
    yield from islice(problems, MOST + 1)


def _settings(entry: SettingsEntry) -> Settings:
    removals, percent = entry.guards.max_removals
    return Settings(
        owner=entry.owner,
        account_id=entry.account_id,
        adopt=entry.adopt,
        prune=entry.prune,
        denies_kept=entry.undeclared_denies == "report",
        guards=Guards(
            max_removals=removals,
            percent=percent,
            protected_users=tuple(entry.guards.protected_users),
            required_users=tuple(entry.guards.required_users),
        ),
        ignore_tags=tuple(entry.ignore_tags),
        quotas=Quotas(policies_per_user=entry.quotas.policies_per_user),
        aws_checks=entry.aws_checks,
    )


def _placed(problem: Problem, whole: Merged) -> Problem:
    """A problem with a value, moved from the entry it is in to the very place, if the path leads there; or with the
    path, if only the place is known.
    """
    for source in whole.sources:
        if problem.origin.file not in {"", source.file}:
            continue
        if _is_of_set(problem.path, whole):
            return replace(problem, path=problem.path.replace("groups", "policy_sets", 1))
        if not problem.path:
            return replace(problem, path=written(path_to(source.root, problem.origin.line, problem.origin.column)))
        if _is_entry(problem.path, whole):
            return problem
        node, rest = at_loose_path(source.root, problem.path)
        entry = problem.origin.line, problem.origin.column
        if not rest and ((node.line, node.column) > entry or alias_on(source.root, problem.path, (0, 0))):
            return replace(problem, origin=Origin(file=source.file, line=node.line, column=node.column))
    return problem


def _is_entry(path: str, whole: Merged) -> bool:
    """Whether the path ends with the name of an entry: then its name is the place, and not what it holds."""
    section, _, name = path.partition(".")
    names = whole.names.get(section, {})
    return name in names or (name.startswith('"') and any(name == validate.step(one) for one in names))


def _is_of_set(path: str, whole: Merged) -> bool:
    """Whether the path is that of a group which nobody declared but a policy set."""
    section, _, name = path.partition(".")
    return section == "groups" and name in whole.policy_sets and name not in whole.names["groups"]
