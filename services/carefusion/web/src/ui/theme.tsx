import { useState } from "react";

const key = "carefusion-theme";

export function ThemeButton() {
  const [light, setLight] = useState(() => document.documentElement.dataset.theme === "light");
  const turn = () => {
    const next = light ? "dark" : "light";
    document.documentElement.dataset.theme = next;
    setLight(!light);
    try {
      localStorage.setItem(key, next);
    } catch {
      // Storage may be off; the choice then lasts as long as the page.
    }
  };
  return (
    <button type="button" className="button small" onClick={turn}>
      {light ? "Dark" : "Light"} theme
    </button>
  );
}
