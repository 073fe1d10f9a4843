/** A site of an authority. The workspaces link to these and to nothing else; what is done there is done there. */
export interface Site {
  readonly label: string;
  readonly href: string;
  readonly purpose: string;
}

const deaDiversion: Site = {
  label: "DEA.gov Diversion Control",
  href: "https://www.deadiversion.usdoj.gov/",
  purpose: "Apply for, renew and change registrations",
};

const pecos: Site = {
  label: "PECOS",
  href: "https://pecos.cms.hhs.gov/",
  purpose: "Enroll, revalidate and change enrollments",
};

const nppes: Site = {
  label: "NPPES NPI Registry",
  href: "https://npiregistry.cms.hhs.gov/",
  purpose: "Look up an NPI",
};

export const sites = { dea: [deaDiversion], cms: [pecos, nppes] } as const satisfies Record<string, readonly Site[]>;
