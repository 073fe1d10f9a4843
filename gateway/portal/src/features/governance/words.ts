interface PolicyWords {
  readonly title: string;
  /** What changes for whom once another version is in force. */
  readonly affects: readonly string[];
}

const words: Readonly<Record<string, PolicyWords>> = {
  "qa.triggers": {
    title: "QA triggers",
    affects: [
      "Charts that arrive from now on, in every agency, are judged by it: which triggers open a case, their limits and their priority.",
      "Cases that exist keep the version under which they were judged, until a newer version of one of their charts arrives.",
      "Limits that an agency moved have to stay within the permitted deviation of the new ones.",
    ],
  },
  "billing.level-of-service": {
    title: "Level of service",
    affects: [
      "Claims drafted from now on, in every agency: level of service, modifiers, what is not billed, and what counts as missing.",
      "Drafts that exist keep the version under which they were made, until a newer chart replaces them.",
    ],
  },
  "compliance.alerts": {
    title: "Expiration alerts",
    affects: [
      "On which days before a date of a DEA or CMS record somebody is told, in every agency.",
      "How long a verification counts, and how long a new grant of access may last. Grants that exist keep their end.",
    ],
  },
  "compliance.registrations": {
    title: "Registrations",
    affects: [
      "From how many days before its end a registration or an enrollment shows as expiring, in every agency. Status follows at once.",
    ],
  },
};

export const policyTitle = (key: string): string => words[key]?.title ?? key;

export const policyAffects = (key: string): readonly string[] =>
  words[key]?.affects ?? ["Everything that is judged by this policy from now on, in every agency."];
