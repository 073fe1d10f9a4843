export function Help() {
  return (
    <>
      <p>
        The directory lists who has signed in to your agency: login, the roles of the last sign-in, and when the
        platform saw the person last, to the hour. Whoever has not signed in yet is not here. Logins, roles and
        passwords are managed at the identity provider.
      </p>
      <p>
        Crew ids decide which charts are a person’s own: a chart whose crew (eCrew.01) names one of them. Write them as
        the charts do. An id belongs to one person of the agency.
      </p>
      <p>An agency administrator and the platform team edit crew ids; a compliance officer reads the directory only.</p>
    </>
  );
}
