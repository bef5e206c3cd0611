using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Modular.Plugins.RuntimeNative;

/// <summary>How a supervisor is started; kept in a file for those who clean up when nobody else knows it any more.</summary>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Its state directory, its data directory, and what the mode adds.</param>
internal sealed record SupervisorCommand(string Program, IReadOnlyList<string> Arguments)
{
    private const string FileName = "supervisor.command";

    /// <summary>Where the supervisor keeps its socket and its pid.</summary>
    public string StateDirectory => Arguments[0];

    /// <summary>The command that a data directory's last supervisor was started with; null if there was none.</summary>
    public static async ValueTask<SupervisorCommand?> ReadAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var file = Path.Combine(dataDirectory, FileName);
        return File.Exists(file) && await File.ReadAllLinesAsync(file, cancellationToken).ConfigureAwait(false) is [var program, .. var arguments]
            ? new SupervisorCommand(program, arguments) : null;
    }

    public Task KeepAsync(string dataDirectory) => File.WriteAllLinesAsync(Path.Combine(dataDirectory, FileName), [Program, .. Arguments]);

    /// <summary>Starts the program, with these arguments after those given.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It can't be started.</exception>
    public Process Start(params IEnumerable<string> before)
    {
        InheritedDescriptors.KeepBack();
        var start = new ProcessStartInfo(Program, [.. before, .. Arguments]) { WorkingDirectory = "/", RedirectStandardOutput = true, RedirectStandardInput = true };
        // The machine may have its .NET in a place of the user's own, which the program's starter does not know.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        start.Environment["DOTNET_GCgen0size"] = "0x200000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException("no process");
    }
}
