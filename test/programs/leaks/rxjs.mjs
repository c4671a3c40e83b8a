// ReactiveX/rxjs#2244: observeOn(queue) keeps each value's action in the subscriber's list.
export default {
  source: 'ReactiveX/rxjs#2244',
  packages: { leaky: 'rxjs-leaky', fixed: 'rxjs-fixed' },
  kind: 'v8-heap',
  perSecond: 200,
  start({ default: Rx }) {
    const source = new Rx.Subject();
    let seen = 0;
    source.observeOn(Rx.Scheduler.queue).subscribe(({ rows }) => (seen += rows.length));
    let n = 0;
    return () => source.next({ id: (n += 1), rows: [n, n + 1] });
  },
};
