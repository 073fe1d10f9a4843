import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { useStore } from "@/api/store";
import { Dialog } from "@/ui";
import { panel } from "./panel";

const shortcuts: readonly (readonly [string, string])[] = [
  ["Ctrl K or ⌘ K", "Search"],
  ["/", "Search"],
  ["G, then H", "Go to your home page"],
  ["Shift H", "Help on this page"],
  ["?", "This list"],
  ["Esc", "Close what is open"],
];

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** The keyboard of the whole portal, and the list of it. */
export function Shortcuts() {
  const open = useStore(panel) === "shortcuts";
  const router = useRouter();
  useEffect(() => {
    let pressedG = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        panel.set("search");
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "/" || event.key === "?" || event.key === "H") {
        event.preventDefault();
        panel.set(event.key === "/" ? "search" : event.key === "?" ? "shortcuts" : "help");
      } else if (event.key === "g") pressedG = event.timeStamp;
      else if (event.key === "h" && event.timeStamp - pressedG < 1500) void router.navigate({ to: "/" });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [router]);
  return (
    <Dialog open={open} onClose={() => panel.set("none")} title="Keyboard shortcuts" size="small">
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {shortcuts.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="rounded border border-line-strong bg-raised px-1.5 py-0.5 font-sans text-xs">{keys}</kbd>
            </dt>
            <dd className="text-muted">{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
