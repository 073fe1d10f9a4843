// Before anything is drawn: the theme that was chosen, or else the system's.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("carefusion-theme");
  } catch {
    // Storage may be off; the system decides then.
  }
  const light = chosen ? chosen === "light" : matchMedia("(prefers-color-scheme: light)").matches;
  document.documentElement.dataset.theme = light ? "light" : "dark";
})();
