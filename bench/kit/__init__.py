"""What the workloads share: processes, load, measuring, the audit of the books, reports."""
