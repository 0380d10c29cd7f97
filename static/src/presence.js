// The code on a facilitator's screen changes each half minute: this shows each one as the one before ends. Without it
// the link on the page shows the present one.

const picture = document.getElementById("presence-code");
const lasts = Number(picture.dataset.lasts) * 1000;
let ends = Date.now() + Number(picture.dataset.left) * 1000;

function show() {
  picture.src = `${picture.dataset.source}?${Date.now()}`;
}

function wait() {
  while (ends <= Date.now()) ends += lasts;
  // A little later than the change, so that a clock that is not quite the server's shows no code twice.
  setTimeout(() => {
    show();
    wait();
  }, ends - Date.now() + 200);
}

// A laptop that slept, or a tab that was away.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) show();
});
wait();
