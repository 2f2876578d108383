-- Sign-in: accounts, what proves them, sessions. Nothing about care is kept here.
--
-- joinedup_signin alone reads and writes it and sees nothing else; joinedup_app sees none of it.
-- What a thief of these tables could use is kept as a hash (session keys, codes) or sealed with
-- the place's secret key (authenticator secrets, what a session holds, forms that were kept).

create schema signin;

create table signin.account (
    id        uuid        not null primary key,
    name      text        collate "C" not null unique,  -- what is typed, in lower case
    kind      text        not null check (kind in ('worker', 'person')),
    holder    text        not null,                      -- Practitioner/... or Patient/...
    full_name text        not null,
    password  text        not null default '',           -- '' = none yet, or signs in elsewhere
    made_at   timestamptz not null,
    closed_at timestamptz
);
create unique index account_holder on signin.account (holder) where closed_at is null;

-- An authenticator app, a passkey, a recovery code, an invitation.
create table signin.factor (
    id         uuid        not null primary key,
    account    uuid        not null references signin.account on delete cascade,
    kind       text        not null check (kind in ('app', 'passkey', 'recovery', 'invitation')),
    name       text        not null default '',
    credential text        unique,                       -- a passkey's own id
    secret     bytea       not null,
    counter    bigint      not null default 0,           -- the last time step or signature count
    until      timestamptz,
    made_at    timestamptz not null,
    used_at    timestamptz
);
create index factor_account on signin.factor (account, kind);
create unique index factor_one_app on signin.factor (account) where kind = 'app';

-- Who an identity provider says somebody is.
create table signin.identity (
    issuer  text        not null,
    subject text        not null,
    account uuid        not null references signin.account on delete cascade,
    made_at timestamptz not null,
    primary key (issuer, subject)
);

create table signin.session (
    key_hash     bytea       not null primary key,
    id           uuid        not null unique,
    account      text        not null,     -- account.id, or one-click:<name> in an invented place
    post         text        not null,     -- PractitionerRole id, '' = none
    method       text        not null,
    device       text        not null,
    issuer       text        not null default '',
    subject      text        not null default '',
    provider_sid text        not null default '',
    idle_seconds integer     not null check (idle_seconds > 0),
    hard_seconds integer     not null check (hard_seconds > 0),
    began_at     timestamptz not null,
    proved_at    timestamptz not null,     -- when a password, passkey or code was last given
    seen_at      timestamptz not null,
    ended_at     timestamptz,
    data         bytea       not null
) with (fillfactor = 70);
create index session_account on signin.session (account) where ended_at is null;
create index session_issuer on signin.session (issuer, subject) where issuer <> '';

-- A form that was sent after the sign-in had ended: for the same account, for an hour.
create table signin.kept_form (
    id      uuid        not null primary key,
    account text        not null,
    sealed  bytea       not null,
    until   timestamptz not null
);

create table signin.attempt (
    subject bytea       not null,          -- hash of a name or an address
    at      timestamptz not null,
    weight  smallint    not null default 1
);
create index attempt_subject on signin.attempt (subject, at);

-- What may be used once: challenges, states, logout tokens.
create table signin.once (
    token bytea       not null primary key,
    until timestamptz not null
);

-- What happened at the door; only ever added.
create table signin.event (
    seq     bigint generated always as identity primary key,
    at      timestamptz not null,
    what    text        not null,
    why     text        not null,
    method  text        not null,
    account text        not null,
    session uuid
);
create index event_account on signin.event (account, at desc);

revoke all on schema signin from public;
grant usage on schema signin to joinedup_signin;
grant select, insert, update, delete on signin.account, signin.factor, signin.identity,
    signin.session, signin.kept_form, signin.attempt, signin.once to joinedup_signin;
grant select, insert on signin.event to joinedup_signin;
