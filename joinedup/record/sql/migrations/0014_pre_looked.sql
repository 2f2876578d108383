-- Who found somebody in a list of people, for the person's own log.
--
-- An event stands under the first person it names. Whoever is named further on sees only that they
-- are, not by whom: the same event may be about somebody else's record, which the log of the first
-- lock must not tell. Lists of people are the exception (domain.md 1.7, 2): everybody in one may
-- know who made it. So this looks past the lock at those alone, for whom the log belongs to, and
-- tells neither who else was found nor what was asked.
create function record.found_in(named bigint) returns table (
    seq bigint, at timestamptz, action text, worker text, name text, role text, organisation text,
    session text
) language plpgsql as $$
declare
    sees constant text := coalesce(current_setting('joinedup.sees', true), '');
    labels constant integer := coalesce(record.permitted_labels(), 0);
begin
    if not (record.owns_log(named) or record.reviews_access()) then
        return;
    end if;
    perform set_config('joinedup.sees', '{0,64}', true);  -- class 6, of the place
    return query
        select e.seq, e.at, e.action, e.worker, e.name, e.role, e.organisation, e.session
        from record.audit_person p join record.audit_event e on e.seq = p.seq
        where p.person = named and e.action = 'search' and e.outcome = 0
          and (e.detail = 'find a person' or e.detail like 'Patient?%')
          and (e.label & ~labels) = 0;
    perform set_config('joinedup.sees', sees, true);
end $$;
grant execute on function record.found_in(bigint) to joinedup_app;
