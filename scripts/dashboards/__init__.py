"""What the Grafana dashboards show; scripts/update-dashboards writes them to deploy/grafana."""
