/** The limiter's semantics as a page of TypeScript; time in whole microseconds. */

export interface ModelLimits {
  perMinute: number;
  burst: number;
  perDay: number;
  concurrent: number;
  nanoPerMonth: number | null;
}

interface Hold {
  id: string;
  expiresUs: number;
  day: number;
  month: number;
  ceilingNano: number;
  isInAnonymous: boolean;
  isInProject: boolean;
}

interface Budget {
  /** A day of the anonymous users', a month of the project's. */
  period: number;
  spentNano: number;
}

interface Row {
  tatUs: number;
  day: number;
  dayUsed: number;
  month: number;
  spentNano: number;
  holds: Hold[];
}

interface Answer {
  bodyUntilUs: number;
  holder: string;
  leaseUntilUs: number;
}

const LEASE_US = 90e6;

const toDay = (us: number) => Math.floor(us / 86_400e6);
const toMonth = (us: number) => {
  const date = new Date(Math.floor(us / 1_000));
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};

/** What subjects share; null for no bound. */
export interface ModelBudgets {
  projectNanoPerMonth: number | null;
  anonymousNanoPerDay: number | null;
}

/** A limiter without rows, for which every subject has the same limits. */
export function createLimiterModel(
  limits: ModelLimits,
  { projectNanoPerMonth, anonymousNanoPerDay }: ModelBudgets,
) {
  const rows = new Map<string, Row>();
  const budgets = new Map<string, Budget>();
  const answers = new Map<string, Answer>();

  /** The row as it is now; changes stay only where they are stored. */
  function load(subject: string, nowUs: number): Row {
    const row: Row = structuredClone(rows.get(subject)) ?? {
      tatUs: -Infinity,
      day: -Infinity,
      dayUsed: 0,
      month: -Infinity,
      spentNano: 0,
      holds: [],
    };
    const [day, month] = [toDay(nowUs), toMonth(nowUs)];
    if (row.day < day || row.day > day + 1) Object.assign(row, { day, dayUsed: 0 });
    if (row.month < month || row.month > month + 1) Object.assign(row, { month, spentNano: 0 });
    row.holds = row.holds.filter(({ expiresUs }) => expiresUs > nowUs);
    return row;
  }

  /** The budget as it is now. */
  function loadBudget(name: "anonymous" | "project", nowUs: number): Budget {
    const period = name === "project" ? toMonth(nowUs) : toDay(nowUs);
    const stored = budgets.get(name);
    return stored && (stored.period === period || stored.period === period + 1)
      ? { ...stored }
      : { period, spentNano: 0 };
  }

  const isAnswered = (key: string | null, nowUs: number) => {
    const answer = answers.get(key ?? "");
    return answer !== undefined && (answer.bodyUntilUs > nowUs || answer.leaseUntilUs > nowUs);
  };

  return {
    reserve(
      { subject, id, key, ceilingNano, isAnonymous }: {
        subject: string;
        id: string;
        key: string | null;
        ceilingNano: number;
        isAnonymous: boolean;
      },
      nowUs: number,
    ): "leader" | "hit" | "follower" | "denied" {
      const row = load(subject, nowUs);
      const intervalUs = Math.round(60e6 / limits.perMinute);
      const windowUs = intervalUs * limits.burst;
      row.tatUs = Math.min(Math.max(row.tatUs, nowUs), nowUs + windowUs);
      /** A stored time beyond the whole burst would deny until the clock has caught up with it. */
      const deny = () => {
        const stored = rows.get(subject);
        if (stored) stored.tatUs = Math.min(stored.tatUs, row.tatUs);
        return "denied" as const;
      };
      if (row.tatUs + intervalUs > nowUs + windowUs) return deny();
      if (isAnswered(key, nowUs)) {
        row.tatUs += intervalUs;
        rows.set(subject, row);
        return answers.get(key!)!.bodyUntilUs > nowUs ? "hit" : "follower";
      }
      const anonymous = isAnonymous && anonymousNanoPerDay !== null
        ? loadBudget("anonymous", nowUs)
        : null;
      const project = projectNanoPerMonth === null ? null : loadBudget("project", nowUs);
      if (
        row.holds.length >= limits.concurrent || row.dayUsed >= limits.perDay ||
        row.spentNano + ceilingNano > (limits.nanoPerMonth ?? Infinity) ||
        (anonymous !== null && anonymous.spentNano + ceilingNano > anonymousNanoPerDay!) ||
        (project?.spentNano ?? 0) + ceilingNano > (projectNanoPerMonth ?? Infinity)
      ) {
        return deny();
      }
      row.tatUs += intervalUs;
      row.dayUsed++;
      row.spentNano += ceilingNano;
      const { day, month } = row;
      const expiresUs = nowUs + LEASE_US;
      const [isInAnonymous, isInProject] = [anonymous !== null, project !== null];
      row.holds.push({ id, expiresUs, day, month, ceilingNano, isInAnonymous, isInProject });
      rows.set(subject, row);
      for (const [name, budget] of Object.entries({ anonymous, project })) {
        if (budget === null) continue;
        budget.spentNano += ceilingNano;
        budgets.set(name, budget);
      }
      if (key !== null) {
        answers.set(key, { bodyUntilUs: -Infinity, holder: id, leaseUntilUs: expiresUs });
      }
      return "leader";
    },

    /** @returns whether the request was held. */
    settle(
      { subject, id, key, actualNano, givesBackDay, ttlS }: {
        subject: string;
        id: string;
        key: string | null;
        actualNano: number;
        givesBackDay: boolean;
        /** null for a failure. */
        ttlS: number | null;
      },
      nowUs: number,
    ): boolean {
      const row = load(subject, nowUs);
      const hold = row.holds.find((hold) => hold.id === id);
      const answer = answers.get(key ?? "");
      // Where the clock steps back, a claim outlives its hold: it is given up as well.
      const isClaimed = answer?.holder === id &&
        (hold !== undefined || answer.leaseUntilUs > nowUs);
      if (isClaimed) {
        answer.leaseUntilUs = -Infinity;
        // Without an answer there is nothing to be given, even if the clock steps back.
        answer.bodyUntilUs = ttlS === null ? -Infinity : nowUs + ttlS * 1e6;
      }
      if (hold === undefined) return false;
      row.holds = row.holds.filter((other) => other !== hold);
      const correct = (spending: { spentNano: number }, isCurrent: boolean) => {
        if (!isCurrent) return;
        spending.spentNano = Math.max(0, spending.spentNano + actualNano - hold.ceilingNano);
      };
      correct(row, hold.month === row.month);
      if (givesBackDay && hold.day === row.day) row.dayUsed = Math.max(0, row.dayUsed - 1);
      rows.set(subject, row);
      if (hold.isInAnonymous) {
        const anonymous = loadBudget("anonymous", nowUs);
        correct(anonymous, hold.day === anonymous.period);
        budgets.set("anonymous", anonymous);
      }
      if (hold.isInProject) {
        const project = loadBudget("project", nowUs);
        correct(project, hold.month === project.period);
        budgets.set("project", project);
      }
      return true;
    },

    /** What is spent of a budget as it is now: one of a past period may or may not be stored as such. */
    readSpentNano: (name: "anonymous" | "project", nowUs: number) =>
      loadBudget(name, nowUs).spentNano,

    /** What is stored of a subject; null where nothing is. */
    read(subject: string) {
      const row = rows.get(subject);
      return row
        ? { day_used: row.dayUsed, spent_nano: row.spentNano, holds: row.holds.length }
        : null;
    },
  };
}
