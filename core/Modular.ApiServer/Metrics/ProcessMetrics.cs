using System.Globalization;
using System.Text;

namespace Modular.ApiServer;

/// <summary>Shows what the process uses as Prometheus text, under the names that Prometheus' and OpenTelemetry's conventions give it.</summary>
internal static class ProcessMetrics
{
    public static void Write(StringBuilder text)
    {
        Show(text, "process_cpu_seconds_total", "CPU time used, in user and kernel mode.", "counter", Environment.CpuUsage.TotalTime.TotalSeconds);
        Show(text, "process_resident_memory_bytes", "Memory that is resident.", "gauge", Environment.WorkingSet);
        Show(text, "dotnet_gc_heap_total_allocated_bytes_total", "Memory allocated on the managed heap since the start.", "counter", GC.GetTotalAllocatedBytes());
        Show(text, "dotnet_gc_pause_time_seconds_total", "Time for which collections stopped the process.", "counter", GC.GetTotalPauseDuration().TotalSeconds);
    }

    private static void Show(StringBuilder text, string name, string help, string type, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value:R}\n");
}
