-- Apps: which are known, who let them in for what, and the tokens they hold (SMART App Launch 2.2).
--
-- joinedup_signin alone writes here. Tokens, codes and secrets are 256 bits of chance and are kept as
-- SHA-256 alone. joinedup_app sees of one token, the one presented to it, whether it still stands.

create schema smart;

create table smart.client (
    id           text        collate "C" not null primary key,
    name         text        not null,
    made_by      text        not null,                    -- who answers for it, in words
    kind         text        not null check (kind in ('public', 'secret', 'key')),
    redirects    text[]      not null,                    -- compared letter by letter
    launch       text        not null default '',         -- where it is opened from a person's page
    scopes       text        not null,                    -- the most it may ever be granted
    secret       bytea,                                   -- kind secret: sha-256
    keys         text        not null default '',         -- kind key: its public JWK set
    role         text        not null default '',         -- a backend service: as whom, and for whom
    organisation text        not null default '',
    looks_into   boolean     not null default false,      -- may ask about other clients' tokens
    made_at      timestamptz not null,
    ended_at     timestamptz,
    check ((kind = 'secret') = (secret is not null) and (kind = 'key') = (keys <> ''))
);

-- One agreement: an app, somebody, what they ticked. Everything an app holds hangs on one.
create table smart.agreement (
    id        uuid        not null primary key,
    client    text        not null references smart.client,
    account   text        not null default '',            -- as signin.session.account; '' = a service
    post      text        not null default '',
    session   uuid,                                       -- the sign-in it ends with; null = goes on
    scopes    text        not null,
    person    text        not null default '',            -- launch context: Patient id
    encounter text        not null default '',
    nonce     text        not null default '',
    made_at   timestamptz not null,
    used_at   timestamptz not null,
    until     timestamptz not null,
    ended_at  timestamptz,
    why       text        not null default ''
);
create index agreement_account on smart.agreement (account) where ended_at is null;
create index agreement_session on smart.agreement (session) where ended_at is null;
create index agreement_client on smart.agreement (client) where ended_at is null;

-- `post` and `post_version`: the PractitionerRole it was made under. One that has changed since, in
-- whatever way, ends an access token; the app asks for another and is judged anew.
create table smart.token (
    hash         bytea       not null primary key,
    agreement     uuid        not null references smart.agreement,
    kind         text        not null check (kind in ('code', 'access', 'refresh')),
    scopes       text        not null,
    redirect     text        not null default '',
    challenge    text        not null default '',
    made_at      timestamptz not null,
    until        timestamptz not null,
    used_at      timestamptz,                             -- codes and refresh tokens serve once
    ended_at     timestamptz,
    post         bigint      not null default 0,
    post_version integer     not null default 0,
    post_until   timestamptz not null default 'infinity'
);
create index token_agreement on smart.token (agreement);
create index token_until on smart.token (until);

-- An app about to be opened from a person's page: used once, within minutes.
create table smart.launch (
    hash      bytea       not null primary key,
    client    text        not null references smart.client,
    account   text        not null,
    session   uuid        not null,
    person    text        not null,
    encounter text        not null default '',
    until     timestamptz not null
);

do $$
declare
    name text;
begin
    foreach name in array array['client', 'agreement', 'token', 'launch'] loop
        execute format('alter table smart.%I enable row level security', name);
        execute format('alter table smart.%I force row level security', name);
        execute format('create policy keeps on smart.%I to joinedup_signin using (true)'
                       ' with check (true)', name);
    end loop;
end $$;
create policy presented on smart.token for select to joinedup_app
    using (hash = decode(nullif(current_setting('joinedup.bearer', true), ''), 'hex'));

-- What ends takes everything with it that hangs on it, in the same transaction.
create function smart.end_tokens() returns trigger language plpgsql as $$
begin
    update smart.token t set ended_at = new.ended_at
    where t.agreement = new.id and t.ended_at is null;
    return null;
end $$;
create trigger ends after update of ended_at on smart.agreement
    for each row when (old.ended_at is null and new.ended_at is not null)
    execute function smart.end_tokens();

create function smart.end_client() returns trigger language plpgsql as $$
begin
    update smart.agreement g set ended_at = new.ended_at, why = 'client-removed'
    where g.client = new.id and g.ended_at is null;
    return null;
end $$;
create trigger ends after update of ended_at on smart.client
    for each row when (old.ended_at is null and new.ended_at is not null)
    execute function smart.end_client();

create function smart.end_with_session() returns trigger language plpgsql as $$
begin
    update smart.agreement g set ended_at = new.ended_at, why = 'sign-in-ended'
    where g.session = new.id and g.ended_at is null;
    return null;
end $$;
create trigger ends_apps after update of ended_at on signin.session
    for each row when (old.ended_at is null and new.ended_at is not null)
    execute function smart.end_with_session();

create function smart.end_with_account() returns trigger language plpgsql as $$
begin
    update smart.agreement g set ended_at = coalesce(new.closed_at, now()), why = 'account-closed'
    where g.account = old.id::text and g.ended_at is null;
    return null;
end $$;
create trigger closes_apps after update of closed_at on signin.account
    for each row when (old.closed_at is null and new.closed_at is not null)
    execute function smart.end_with_account();

-- Refuse a token that does not stand, in the statement that was to use it. Called by record.enter
-- after the permit is told, so that the post is looked at as the permit itself sees it.
create or replace function record.admitted(bearer text) returns void language plpgsql as $$
declare
    held record;
begin
    perform set_config('joinedup.bearer', bearer, true);
    select t.post, t.post_version, t.post_until into held
    from smart.token t
    where t.hash = decode(bearer, 'hex') and t.kind = 'access' and t.ended_at is null
      and t.until > clock_timestamp();
    if not found or held.post_until <= record.moment()
        or (held.post <> 0 and not exists (
            select from record.head h where h.key = held.post and h.version = held.post_version))
    then
        raise exception 'the token has ended' using errcode = 'JU401';
    end if;
end $$;

revoke all on schema smart from public;
grant usage on schema smart to joinedup_signin, joinedup_app;
grant select, insert, update, delete on smart.client, smart.agreement, smart.token, smart.launch
    to joinedup_signin;
grant select (hash, kind, until, ended_at, post, post_version, post_until) on smart.token
    to joinedup_app;
grant execute on all functions in schema smart to joinedup_signin;
