package social.trvl.compat.bench;

/** What can be measured, in the order of the report. */
public enum Section {
  /** Everybody against everybody, in memory. */
  KERNEL,
  /** The whole nightly run, as a process. */
  RUN,
  /** Rows on their way to readers. */
  PUBLICATION,
  /** A group on demand. */
  GROUP,
  /** Boosted trees. */
  TREES,
  /** A model from labelled pairs. */
  TRAINING,
  /** The same work by PostgreSQL, NumPy and FAISS. */
  PEERS,
  /** How long commands take to start. */
  START
}
