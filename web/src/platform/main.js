// The pages work without this script; it adds parts that change in place, and charts.
import "htmx.org";
import "./style.css";

// Charts come as a file of their own: a page without one does not wait for it.
function draw(root) {
  if (root.querySelector("figure.chart")) import("./charts.js").then((charts) => charts.drawCharts(root));
}

draw(document);
document.addEventListener("htmx:load", (event) => draw(event.detail.elt));
