import { roles } from "@fleet/permissions";

const titles = new Map<string, string>(roles.map((role) => [role.name, role.title]));

/** "qa_reviewer" as people call it. */
export const roleTitle = (name: string): string => titles.get(name) ?? name;

/** Roles that people have, for choosing one. */
export const peopleRoles = roles
  .filter((role) => !role.machine)
  .map((role) => ({ value: role.name, label: role.title }));
