-- The record: every version of every resource, and what it can be found by.
--
-- key      64-bit hash of "Type/id"; known before anything is stored (joinedup/fhir/key.py)
-- person   key of the Patient the row is about; 0 = names nobody and may be shared
-- others   further people named; seeing the row needs reach to every one of them
-- class    DataClass, label  bits of Label (joinedup/access/words.py)
--
-- Index conditions use b-trees on bigint, int, timestamptz and text in collation C alone:
-- under row security PostgreSQL uses an index only for leakproof operators.

create schema record;

-- One row a version. A body is stored here once, as accepted, and never changed.
create table record.version (
    key       bigint      not null,
    person    bigint      not null,
    happened  timestamptz,             -- when it was true
    recorded  timestamptz not null,    -- when its source wrote it down
    received  timestamptz not null,    -- when this record received it
    version   integer     not null check (version > 0),
    label     smallint    not null,
    type      smallint    not null,
    class     smallint    not null,
    deleted   boolean     not null,
    source    text        not null,    -- organisation, ODS code
    author    text        not null,    -- who said so
    role      text        not null,    -- in what role
    others    bigint[],
    body      text        not null,
    primary key (key, version)
);

-- One row a current resource: where its versions stand and by what it is listed.
create table record.head (
    key       bigint      not null primary key,
    person    bigint      not null,
    when_low  timestamptz not null,    -- main clinical date as [low, high); -infinity twice = none
    when_high timestamptz not null,
    updated   timestamptz not null,
    version   integer     not null,
    label     smallint    not null,
    type      smallint    not null,
    class     smallint    not null,
    about     boolean     not null,    -- its main subject reference is exactly `person`
    others    bigint[]
);
create index head_person  on record.head (person, type, when_low desc, key desc);
create index head_when    on record.head (type, when_low desc, key desc);
create index head_updated on record.head using brin (updated) with (pages_per_range = 16);

-- Codes, identifiers, booleans, and the words beside them (normalised; code '' = words alone).
-- system = hash64(system), 0 = none.
create table record.token (
    system  bigint      not null,
    key     bigint      not null,
    person  bigint      not null,
    slot    integer     not null,
    label   smallint    not null,
    class   smallint    not null,
    code    text        collate "C" not null,
    words   text        collate "C",
    others  bigint[]
);
create index token_code  on record.token (slot, code, key);
create index token_key   on record.token (key);
create index token_words on record.token (slot, words, key) where words is not null;

-- Names and addresses. value is normalised, exact = hash64(as written).
create table record.string (
    exact   bigint      not null,
    key     bigint      not null,
    person  bigint      not null,
    slot    integer     not null,
    label   smallint    not null,
    class   smallint    not null,
    value   text        collate "C" not null,
    others  bigint[]
);
create index string_value on record.string (slot, value, key);
create index string_key   on record.string (key);

-- Dates other than the main clinical date, as [low, high).
create table record.date (
    low     timestamptz not null,
    high    timestamptz not null,
    key     bigint      not null,
    person  bigint      not null,
    slot    integer     not null,
    label   smallint    not null,
    class   smallint    not null,
    others  bigint[]
);
create index date_low on record.date (slot, low, key);
create index date_key on record.date (key);

-- References other than from a resource to its own person. target = key of what is referred to.
create table record.reference (
    target  bigint      not null,
    key     bigint      not null,
    person  bigint      not null,
    slot    integer     not null,
    label   smallint    not null,
    class   smallint    not null,
    others  bigint[]
);
create index reference_target on record.reference (target, slot, key);
create index reference_key    on record.reference (key);

-- Quantities and numbers: value's implicit range as float8, the exact value rechecked.
create table record.quantity (
    low     float8      not null,
    high    float8      not null,
    unit    bigint      not null,      -- hash64("<system>|<code>"), 0 = none
    key     bigint      not null,
    person  bigint      not null,
    slot    integer     not null,
    label   smallint    not null,
    class   smallint    not null,
    exact   numeric     not null,
    others  bigint[]
);
create index quantity_low on record.quantity (slot, low, key);
create index quantity_key on record.quantity (key);

create table record.uri (
    key     bigint      not null,
    person  bigint      not null,
    slot    integer     not null,
    label   smallint    not null,
    class   smallint    not null,
    value   text        collate "C" not null,
    others  bigint[]
);
create index uri_value on record.uri (slot, value, key);
create index uri_key   on record.uri (key);

-- Pairs that belong together (code and value): the first is a code, the second a code or a range.
create table record.composite (
    system  bigint      not null,
    second  bigint      not null,
    low     float8      not null,
    high    float8      not null,
    key     bigint      not null,
    person  bigint      not null,
    slot    integer     not null,
    label   smallint    not null,
    class   smallint    not null,
    code    text        collate "C" not null,
    others  bigint[]
);
create index composite_code on record.composite (slot, code, second, low, key);
create index composite_key  on record.composite (key);

-- Single words of free text, for _text and _content.
create table record.word (
    key     bigint      not null,
    person  bigint      not null,
    slot    integer     not null,
    label   smallint    not null,
    class   smallint    not null,
    word    text        collate "C" not null,
    others  bigint[]
);
create index word_word on record.word (slot, word, key);
create index word_key  on record.word (key);

-- What only one current resource may hold: an NHS number, a bed, a slot.
create table record.claim (
    key     bigint      not null,
    person  bigint      not null,
    label   smallint    not null,
    class   smallint    not null,
    name    text        collate "C" not null primary key,
    others  bigint[]
);
create index claim_key on record.claim (key);

-- Who (party: an organisation, a worker, a post, a duty area, the person, a proxy) may see a person,
-- from when until when, on what ground (joinedup/fhir/relationships.py), and by which resource (0:
-- because it has just entered somebody new). withheld: classes this relationship never shows.
create table record.reach (
    person   bigint      not null,
    party    bigint      not null,
    key      bigint      not null,
    starts   timestamptz not null,
    ends     timestamptz not null,
    withheld integer     not null,
    ground   smallint    not null,
    primary key (person, party, key)
);
create index reach_key   on record.reach (key) where key <> 0;

-- What a person does not want shown, from when until when and to whom: in care (against 0; party 0 is
-- everybody but the registered practice), or of those they trust (against 13; party 0 is all). said:
-- a permission given later goes before it.
create table record.objection (
    person  bigint      not null,
    party   bigint      not null,
    key     bigint      not null,
    said    timestamptz not null,
    starts  timestamptz not null,
    ends    timestamptz not null,
    classes integer     not null,
    against smallint    not null,
    primary key (person, party, key)
);
create index objection_key on record.objection (key);

-- That something about a person carries a label, and nothing else of it: for those who are told
-- that something is withheld, and whom to ask.
create table record.mark (
    key     bigint      not null primary key,
    person  bigint      not null,
    label   smallint    not null,
    class   smallint    not null,
    others  bigint[]
);
create index mark_person on record.mark (person);

-- Every look and every change, with the people it touched. Rows are only ever added. The first
-- person named, most often the only one, stands in the event itself.
create table record.audit_event (
    seq          bigint      generated always as identity primary key,
    at           timestamptz not null default statement_timestamp(),
    xid          xid8        not null default pg_current_xact_id(),
    person       bigint      not null default 0,    -- 0 = names nobody
    key          bigint,
    version      integer,
    outcome      smallint    not null default 0,    -- 0 success, 4 refused, 8 serious
    ground       smallint    not null default 0,    -- the kind of relationship that allowed it
    label        smallint    not null default 0,    -- of the one resource looked at
    action       text        not null,
    worker       text        not null,
    name         text        not null,
    role         text        not null,
    organisation text        not null,
    purpose      text        not null,
    session      text        not null,
    detail       text        not null default ''
);
create index audit_event_person on record.audit_event (person, at desc) where person <> 0;

-- The further people of an event that names several.
create table record.audit_person (
    seq     bigint      not null,
    person  bigint      not null,
    at      timestamptz not null default statement_timestamp(),
    action  text        not null
);
create index audit_person_person on record.audit_person (person, at desc);
create index audit_person_seq    on record.audit_person (seq);

-- One row a commit, for whoever has to be told. Sending marks a row and takes none away.
create table record.outbox (
    seq     bigint      generated always as identity primary key,
    at      timestamptz not null default statement_timestamp(),
    sent    timestamptz check (sent >= at),
    xid     xid8        not null default pg_current_xact_id(),
    keys    bigint[]    not null,
    people  bigint[]    not null
);
create index outbox_waiting on record.outbox (seq) where sent is null;
