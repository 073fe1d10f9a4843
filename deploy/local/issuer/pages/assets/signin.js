// The pages work without this. It keeps a form from being sent twice, shows a password that was typed, and keeps the demo
// authenticator current.
"use strict";

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
}

// A page that the browser kept and shows again must be usable again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-once]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

for (const button of document.querySelectorAll("button[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.querySelector("[data-verb]").textContent = show ? "Hide" : "Show";
  });
  field.form.addEventListener("submit", () => { field.type = "password"; });
}

function watch(panel) {
  const remaining = panel.querySelector("[data-remaining]");
  const fill = panel.querySelector("[data-fill]");
  panel.querySelector("[data-reload]").hidden = true;
  if (fill) {
    fill.hidden = false;
    fill.addEventListener("click", () => {
      const field = document.getElementById("totp");
      field.value = panel.querySelector("[data-code]").dataset.code;
      field.focus();
    });
  }
  const end = Date.now() + Number(panel.dataset.seconds) * 1000;
  const timer = setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    remaining.textContent = String(Math.max(0, left));
    if (left <= 0) {
      clearInterval(timer);
      renew(panel);
    }
  }, 500);
}

// The page as it is now holds the code as it is now; what was typed stays.
async function renew(panel) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("demo");
    if (answer.ok && next && next.dataset.seconds) {
      const current = document.adoptNode(next);
      panel.replaceWith(current);
      watch(current);
      return;
    }
  } catch {
    // No answer: the link stays for trying again.
  }
  panel.querySelector("[data-reload]").hidden = false;
}

const panel = document.getElementById("demo");
if (panel) watch(panel);
