package browser

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// wantReadable fails if the page, as it is looked at, is wider than the window, has text that is hard to tell from what is behind it, or
// tables that a screen reader can't read.
func (b *tab) wantReadable() {
	b.t.Helper()
	var wide, faint, mute []string
	b.run(
		chromedp.Evaluate(overflowing, &wide),
		chromedp.Evaluate(faintTexts, &faint),
		chromedp.Evaluate(muteTables, &mute),
	)
	for what, list := range map[string][]string{
		"is wider than the window": wide, "has a contrast below 4.5": faint, "is not read as a table": mute,
	} {
		if len(list) > 0 {
			b.t.Errorf("%s:\n%s", what, strings.Join(list, "\n"))
		}
	}
}

// overflowing returns what reaches beyond the window.
const overflowing = `
[...document.body.querySelectorAll('*')]
  .filter(e => !e.matches('.skip') && !e.closest('thead'))
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map(e => e.outerHTML.slice(0, 120))
  .concat(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page scrolls'] : [])
`

// faintTexts returns texts whose contrast is below what WCAG 2.2 asks for at level AA
// (https://www.w3.org/TR/WCAG22/#contrast-minimum).
const faintTexts = `
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const pixel = color => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = rgb => {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const color = pixel(getComputedStyle(e).backgroundColor);
      if (color[3] == 255) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim(), e = texts.currentNode.parentElement;
    if (!text) continue;
    const [a, b] = [luminance(pixel(getComputedStyle(e).color).slice(0, 3)), luminance(behind(e))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) faint.push(contrast.toFixed(2) + ': ' + text.slice(0, 80));
  }
  return faint;
})()
`

// muteTables returns tables that don't say what they are: by a caption, by heads of columns and rows, and by roles, which a style that
// shows rows as cards can't take away.
const muteTables = `
[...document.querySelectorAll('table')].filter(table =>
  !table.caption || table.getAttribute('role') != 'table' ||
  !table.querySelector('th[scope=col][role=columnheader]') ||
  [...table.rows].some(row => row.getAttribute('role') != 'row' || [...row.cells].some(cell => !cell.getAttribute('role')))
).map(table => table.outerHTML.slice(0, 120))
`
