// What a reader does with the page, run behind it by test_many.c: a line on the console is a failure.
const expect = (what, found, wanted) => { if (found !== wanted) console.error(`${what}: ${found} in place of ${wanted}`); };
const sorted = (values, sign) => values.every((v, i) => i === 0 || sign * (v - values[i - 1]) >= 0);

const runs = [...document.querySelectorAll('table')].find(table => table.caption.textContent.startsWith('Every run'));
const head = runs.tHead.rows[0].cells[1], numbers = () => [...runs.tBodies[0].rows].map(row => parseFloat(row.cells[1].textContent));
head.querySelector('button').click();
expect('sorted', sorted(numbers(), 1) && head.getAttribute('aria-sort'), 'ascending');
head.querySelector('button').click();
expect('sorted again', sorted(numbers(), -1) && head.getAttribute('aria-sort'), 'descending');
expect('rows', numbers().length, 200);

const figure = document.querySelector('figure.chart'), find = what => figure.querySelector(what);
const curves = () => figure.querySelectorAll('.plot .curve').length;
expect('curves', curves(), 8);
find('.legend button').click();
expect('curves after one is hidden', curves(), 7);
expect('its button', find('.legend button').getAttribute('aria-pressed'), 'false');
find('.plot svg').dispatchEvent(new PointerEvent('pointermove', {clientX: 400, clientY: 300}));
expect('values under the pointer', find('.tip').querySelectorAll('div').length, 7);
find('.plot svg').dispatchEvent(new KeyboardEvent('keydown', {key: 'End'}));
expect('values read aloud', find('[aria-live]').textContent.split(';').length, 7);
find('input[type=checkbox]').checked = true;
find('input[type=checkbox]').onchange();
expect('every run', curves(), 7 + 70);
const [view, axis] = figure.querySelectorAll('select');
view.value = 1;
view.onchange();
axis.value = 2;
axis.onchange();
expect('the plot', find('.plot svg').getAttribute('aria-label').includes('over seconds of training'), true);
find('input[type=range]').value = 0.9;
find('input[type=range]').oninput();
expect('smoothed', curves(), 7 + 70);
