// The pages work without this script; it adds parts that change in place, and charts.
import htmx from "htmx.org";
import "./style.css";

// Before the document is ready: no style and no code of its own, which the policy of content forbids.
Object.assign(htmx.config, { includeIndicatorStyles: false, allowEval: false, selfRequestsOnly: true });

// Charts come as a file of their own: a page without one does not wait for it.
function draw(root) {
  if (root.querySelector("figure.chart")) import("./charts.js").then((charts) => charts.drawCharts(root));
}

draw(document);
document.addEventListener("htmx:load", (event) => draw(event.detail.elt));

// On a narrow screen the rail scrolls sideways: the place one is at is in sight.
const rail = document.querySelector(".rail");
const shown = (place) => place?.scrollIntoView({ block: "nearest", inline: "center" });
shown(rail?.querySelector("[aria-current]"));
rail?.addEventListener("focusin", (event) => shown(event.target));

// What hangs over the page is put away by Escape, and the focus is where it was.
const HANGING = "details.menu[open], details.source[open]";
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const one of document.querySelectorAll(HANGING)) {
    if (one.contains(document.activeElement)) one.querySelector("summary").focus();
    one.open = false;
  }
});
document.addEventListener("click", (event) => {
  for (const one of document.querySelectorAll(HANGING)) if (!one.contains(event.target)) one.open = false;
});

// Nothing stays on the screen of someone who signed out in another tab or whose session is over.
const doors = new BroadcastChannel("doors");
const leave = () => location.replace(`/account/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
if (document.querySelector("[data-nobody]")) doors.postMessage("nobody is signed in");
const session = Number(document.body.dataset.endsSeconds);
if (session) {
  doors.addEventListener("message", leave);
  setTimeout(leave, session * 1000);
}
