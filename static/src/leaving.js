// Leaving a page of the confidential form at once: it is gone from the screen before the answer comes, and "back" does
// not lead to it. Without this script the way out is a link like any other.

const way = document.getElementById("leave");

way.addEventListener("click", (event) => {
  event.preventDefault();
  document.body.hidden = true;
  document.title = "";
  location.replace(way.href);
});

// "Back" from there to an earlier page of the form: a browser may have kept it as it stood.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
