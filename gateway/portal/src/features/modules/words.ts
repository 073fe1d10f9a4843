interface ModuleWords {
  readonly title: string;
  readonly what: string;
}

const words: Readonly<Record<string, ModuleWords>> = {
  clinical: { title: "Clinical", what: "Import of NEMSIS charts, their facts and their journey." },
  qa: { title: "Quality", what: "Triggers, cases and their review." },
  billing: { title: "Billing", what: "Drafts of claims, level of service and what is missing." },
  reporting: { title: "Reporting", what: "Reports of times, volumes and outcomes." },
  compliance: { title: "Compliance", what: "The DEA and CMS workspaces with their alerts." },
};

export const moduleTitle = (module: string): string => words[module]?.title ?? module;

export const moduleWhat = (module: string): string => words[module]?.what ?? "";

/** "Quality, Billing and Reporting". */
export function titles(modules: readonly string[]): string {
  return new Intl.ListFormat("en-US", { type: "conjunction" }).format(modules.map(moduleTitle));
}
