using Microsoft.Extensions.Logging;
using Modular.Host.Cluster;

namespace Modular.Host.Logging;

/// <summary>Where a host process logs: to a file if it has no terminal, else to standard error.</summary>
internal sealed class HostLog : IDisposable
{
    private readonly FileStream? _file;
    private readonly LoggerFactory _factory;

    private HostLog(FileStream? file)
    {
        _file = file;
        _factory = new LoggerFactory([new LineLoggerProvider(file ?? Console.OpenStandardError(), TimeProvider.System, LogLevel.Information)],
            new LoggerFilterOptions { MinLevel = LogLevel.Information, Rules = { new LoggerFilterRule(null, "Microsoft", LogLevel.Warning, null) } });
    }

    public ILoggerFactory Factory => _factory;

    /// <param name="path">The file; null for standard error.</param>
    public static HostLog Open(string? path) => new(path is null ? null : new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));

    /// <summary>Lets go of the terminal's streams; what is still written to them goes to the file.</summary>
    public void LeaveTerminal()
    {
        if (_file is not null)
        {
            StandardStreams.Detach(_file.SafeFileHandle);
        }
    }

    public void Dispose()
    {
        _factory.Dispose();
        _file?.Dispose();
    }
}
