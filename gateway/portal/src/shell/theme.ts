import { createStore, useStore } from "@/api/store";

export type Theme = "system" | "dark" | "light";

const key = "fleet-theme";

function stored(): Theme {
  try {
    // eslint-disable-next-line no-restricted-globals -- the one thing that is kept in the browser
    const value = localStorage.getItem(key);
    return value === "dark" || value === "light" ? value : "system";
  } catch {
    return "system";
  }
}

const theme = createStore<Theme>(stored());
const light = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: light)");

function apply(): void {
  const wanted = theme.get();
  const isLight = wanted === "light" || (wanted === "system" && light?.matches === true);
  document.documentElement.dataset.theme = isLight ? "light" : "dark";
}

export function useTheme(): Theme {
  return useStore(theme);
}

export function chooseTheme(next: Theme): void {
  theme.set(next);
  try {
    // eslint-disable-next-line no-restricted-globals -- the one thing that is kept in the browser
    localStorage.setItem(key, next);
  } catch {
    // Without storage the choice lasts until the page is left.
  }
  apply();
}

export function followSystemTheme(): void {
  apply();
  light?.addEventListener("change", apply);
}
