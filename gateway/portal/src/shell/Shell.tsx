import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { AgencyBanner } from "./AgencyBanner";
import { AgencyPicker } from "./AgencySwitcher";
import { HelpDrawer } from "./HelpDrawer";
import { OfflineBanner } from "./OfflineBanner";
import { Shortcuts } from "./Shortcuts";
import { SearchDialog } from "./search/SearchDialog";
import { Drawer, Sidebar } from "./Sidebar";
import { TopBar } from "./TopBar";

/** The frame around every page: sidebar, top bar, banners, and the one main. */
export function Shell({ children }: { children: ReactNode }) {
  const [narrow, setNarrow] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const main = useRef<HTMLElement>(null);
  useFocusOnNavigation(main);
  return (
    <div data-shell="frame" className="grid min-h-dvh grid-cols-1 lg:grid-cols-[auto_minmax(0,1fr)]">
      <a
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
        className="sr-only z-50 rounded-control bg-accent px-4 py-2 font-semibold text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <Sidebar narrow={narrow} onNarrow={setNarrow} />
      <Drawer open={drawer} onClose={() => setDrawer(false)} />
      <div className="flex min-w-0 flex-col">
        <TopBar onMenu={() => setDrawer(true)} />
        <OfflineBanner />
        <AgencyBanner />
        <main
          ref={main}
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-(--content) flex-1 px-4 py-6 outline-none sm:px-6 lg:px-8"
        >
          {children}
        </main>
      </div>
      <AgencyPicker />
      <HelpDrawer />
      <SearchDialog />
      <Shortcuts />
    </div>
  );
}

/** After a change of page the focus is on its heading, as after loading one; filters and tabs do not move it. */
function useFocusOnNavigation(main: RefObject<HTMLElement | null>): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        if (!fromLocation || !pathChanged) return;
        const heading = main.current?.querySelector<HTMLElement>("h1[tabindex]");
        (heading ?? main.current)?.focus({ preventScroll: true });
      }),
    [router, main],
  );
}
