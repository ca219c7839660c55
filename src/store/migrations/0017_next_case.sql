-- Who was given which case next is kept in memory, as presence is.
DROP TABLE case_leases;
DROP TABLE case_passes;
