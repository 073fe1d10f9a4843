import { useEffect, useRef, type RefObject } from "react";

/**
 * A row of tabs that is wider than its place: what is chosen is scrolled into it, and data-more says on which sides there is more, so
 * that the style sheet can let it fade out there. Without both a tab beyond the edge is as good as not there.
 */
export function useStrip<E extends HTMLElement>(chosen: string): RefObject<E | null> {
  const ref = useRef<E>(null);
  useEffect(() => {
    const strip = ref.current;
    if (!strip) return;
    const mark = () => {
      const rest = strip.scrollWidth - strip.clientWidth - strip.scrollLeft;
      strip.dataset.more = [strip.scrollLeft > 1 ? "start" : "", rest > 1 ? "end" : ""].filter(Boolean).join(" ");
    };
    const show = () => {
      const tab = strip.querySelector<HTMLElement>('[aria-current="page"], [data-state="active"]');
      if (tab) {
        const [at, box] = [tab.getBoundingClientRect(), strip.getBoundingClientRect()];
        strip.scrollLeft += at.left + at.width / 2 - (box.left + box.width / 2);
      }
      mark();
    };
    show();
    strip.addEventListener("scroll", mark, { passive: true });
    const resized = new ResizeObserver(show);
    resized.observe(strip);
    return () => {
      strip.removeEventListener("scroll", mark);
      resized.disconnect();
    };
  }, [chosen]);
  return ref;
}
