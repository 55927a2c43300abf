DROP TABLE commune_figures;
