// Posts over time against the time before it: columns and a line, a sentence above, a table behind.
import { plain_number, t } from '../i18n/i18n';
import style from './dashboard.module.css';
import type { Column } from './report_time';

const width = 720;
const height = 150;

export function VolumeChart({ columns, on_open }: { columns: Column[]; on_open: (column: Column) => void }) {
  const most = Math.max(1, ...columns.flatMap(({ posts, previous }) => [posts, previous]));
  const step = width / columns.length;
  const y = (posts: number) => height - (posts / most) * (height - 6);
  const line = columns.map(({ previous }, n) => `${n === 0 ? 'M' : 'L'}${(n + 0.5) * step} ${y(previous)}`);
  const peak = columns.reduce((best, one) => (one.posts > best.posts ? one : best), columns[0]!);
  const every = Math.ceil(columns.length / 8);
  return (
    <figure className={style.chart}>
      <figcaption>
        {peak.posts === 0
          ? t('report.volume.none')
          : t('report.volume.peak', { when: peak.label, count: peak.posts })}
      </figcaption>
      <div className={style.key} aria-hidden="true">
        <span className={style.now}>{t('report.now')}</span>
        <span className={style.before}>{t('report.before')}</span>
      </div>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <path
          className={style.grid}
          d={`M0 ${y(most)}H${width}M0 ${y(most / 2)}H${width}M0 ${height}H${width}`}
        />
        {columns.map((column, n) => (
          <rect
            key={column.from}
            className={style.bar}
            x={n * step + step * 0.14}
            width={step * 0.72}
            y={y(column.posts)}
            height={height - y(column.posts)}
            onClick={() => on_open(column)}
          >
            <title>{`${column.label}: ${plain_number(column.posts)}`}</title>
          </rect>
        ))}
        <path className={style.line} d={line.join('')} />
      </svg>
      <div className={`${style.axis} num`} aria-hidden="true">
        {columns
          .filter((_, n) => n % every === 0)
          .map((column) => (
            <span key={column.from}>{column.label}</span>
          ))}
      </div>
      <details className={style.table}>
        <summary>{t('report.table')}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('report.when')}</th>
              <th scope="col">{t('report.now')}</th>
              <th scope="col">{t('report.before')}</th>
            </tr>
          </thead>
          <tbody className="num">
            {columns.map((column) => (
              <tr key={column.from}>
                <th scope="row">{column.label}</th>
                <td>
                  {column.posts > 0 ? (
                    <button type="button" className={style.number} onClick={() => on_open(column)}>
                      {plain_number(column.posts)}
                    </button>
                  ) : (
                    plain_number(0)
                  )}
                </td>
                <td>{plain_number(column.previous)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
