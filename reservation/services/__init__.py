"""Acts: one public function, one transaction. Steps take ``db`` or ``work`` first."""
