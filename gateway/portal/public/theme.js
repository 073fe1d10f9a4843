// Runs before the first paint, so that a page in the light theme does not flash dark.
(function () {
  let theme = "system";
  try {
    theme = localStorage.getItem("fleet-theme") || "system";
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const light = theme === "light" || (theme === "system" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
})();
