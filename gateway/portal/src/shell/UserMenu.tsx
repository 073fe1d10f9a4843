import { useRouter } from "@tanstack/react-router";
import { Keyboard, LogOut, Monitor, MonitorSmartphone, Moon, Sun, UserRound } from "lucide-react";
import { roles } from "@fleet/permissions";
import { useMe } from "@/permissions";
import { Menu, MenuChoice, MenuItem, MenuSeparator } from "@/ui";
import { panel } from "./panel";
import { signOut } from "./signout";
import { chooseTheme, useTheme, type Theme } from "./theme";

const icon = "size-4 text-muted";

export function roleTitle(name: string): string {
  return roles.find((role) => role.name === name)?.title ?? name;
}

export function UserMenu() {
  const me = useMe();
  const theme = useTheme();
  const router = useRouter();
  const to = (path: string) => void router.navigate({ to: path as never });
  return (
    <Menu
      label="Your account"
      trigger={
        <button
          type="button"
          aria-label={`Your account: ${me.name ?? ""}`}
          className="flex h-9 min-w-9 items-center justify-center gap-2 rounded-control px-1.5 text-muted hover:bg-hover hover:text-text"
        >
          <span
            aria-hidden="true"
            className="flex size-7 items-center justify-center rounded-full border border-line-strong bg-raised"
          >
            <UserRound className="size-4" />
          </span>
          <span className="hidden max-w-40 truncate 2xl:inline">{me.name}</span>
        </button>
      }
    >
      <div className="max-w-72 px-2.5 py-2">
        <p className="truncate font-semibold">{me.name}</p>
        <p className="text-xs text-faint">{(me.roles ?? []).map(roleTitle).join(", ")}</p>
      </div>
      <MenuSeparator />
      <MenuItem icon={<UserRound aria-hidden="true" className={icon} />} onSelect={() => to("/account")}>
        My account
      </MenuItem>
      <MenuItem icon={<MonitorSmartphone aria-hidden="true" className={icon} />} onSelect={() => to("/sessions")}>
        My sessions
      </MenuItem>
      <MenuItem icon={<Keyboard aria-hidden="true" className={icon} />} onSelect={() => panel.set("shortcuts")}>
        Keyboard shortcuts
      </MenuItem>
      <MenuSeparator />
      <MenuChoice
        label="Theme"
        value={theme}
        onChange={(value) => chooseTheme(value as Theme)}
        options={[
          { value: "system", label: "As the system", icon: <Monitor aria-hidden="true" className={icon} /> },
          { value: "dark", label: "Dark", icon: <Moon aria-hidden="true" className={icon} /> },
          { value: "light", label: "Light", icon: <Sun aria-hidden="true" className={icon} /> },
        ]}
      />
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden="true" className={icon} />} onSelect={() => void signOut("signed-out")}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
