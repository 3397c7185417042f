// Looks again while the saga runs, and leaves alone what somebody reads or holds the keyboard's focus in.
const EVERY = 2000;

function renew(part, fresh) {
  if (!fresh || part.outerHTML === fresh.outerHTML || part.contains(document.activeElement)) return;
  for (const { id } of part.querySelectorAll("details[open]")) {
    fresh.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  }
  part.replaceWith(fresh);
}

async function look() {
  const answer = await fetch(location.pathname).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) renew(part, page.getElementById(part.id));
    document.querySelector("footer").replaceWith(page.querySelector("footer"));
    document.title = page.title;
    if (!page.querySelector("[data-runs]")) return;
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
