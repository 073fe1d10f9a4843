export function Help() {
  return (
    <>
      <p>
        Each chart becomes one draft by itself: a claim with a level of service, or a no-bill with its reason. A newer
        version of the chart replaces the draft. The rules are the governance policy billing.level-of-service; each
        claim names the version it was judged under.
      </p>
      <p>
        <strong>Incomplete, ready, no bill.</strong> An incomplete claim misses something that keeps it from submission.
        A ready one is complete as far as rules can tell. Quality review never holds a claim.
      </p>
      <p>
        <strong>Worklist.</strong> The oldest date of service stands first, because payers count their filing limits
        from it. Choose what is missing to work on one kind of gap at a time.
      </p>
      <p>
        <strong>Level of service.</strong> The code is a suggestion with the rule and the source it follows from. Where
        the crew documented another level (ePayment.50), both are shown.
      </p>
      <p>
        <strong>Modifiers.</strong> The first letter is where the patient was picked up, the second where the trip
        ended. A question mark is a place that the chart does not tell. What is missing names the NEMSIS element that
        supplies it: have the chart corrected there, and the draft follows.
      </p>
    </>
  );
}
