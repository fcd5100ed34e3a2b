// Keeps the page like the server: fetches it again when the server reports a change, and counts down. Everything works without it.
(() => {
  'use strict';
  const pause = 100;
  let timer = 0;
  const text = (left) => left < 60 ? `${left} s` : left < 3600 ? `${Math.floor(left / 60)} min ${left % 60} s`
    : left < 86400 ? `${Math.floor(left / 3600)} h ${Math.floor(left % 3600 / 60)} min`
    : `${Math.floor(left / 86400)} d ${Math.floor(left % 86400 / 3600)} h`;
  const count = () => {
    for (const place of document.querySelectorAll('time[data-until]')) {
      const left = Math.max(0, Math.round((Date.parse(place.dateTime) - Date.now()) / 1000));
      place.textContent = text(left);
    }
  };
  const refresh = async () => {
    timer = 0;
    // What a person is typing or choosing is not replaced.
    const main = document.querySelector('main');
    if (main.querySelector('form[data-steady]') || main.contains(document.activeElement)
        && document.activeElement.matches('input, select')) {
      return;
    }
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const focus = document.activeElement && document.activeElement.id;
      for (const part of ['header', 'main']) {
        document.querySelector(part).replaceWith(page.querySelector(part));
      }
      if (focus && document.getElementById(focus)) {
        document.getElementById(focus).focus();
      }
      count();
    } catch {
      // The next event tries again.
    }
  };
  const live = new EventSource('/events');
  live.onmessage = () => { timer = timer || setTimeout(refresh, pause); };
  live.onerror = () => document.documentElement.classList.add('stale');
  live.onopen = () => document.documentElement.classList.remove('stale');
  setInterval(count, 1000);
  count();
})();
