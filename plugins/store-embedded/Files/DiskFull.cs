namespace Modular.Plugins.StoreEmbedded.Files;

/// <summary>Tells a full disk from other failures.</summary>
internal static class DiskFull
{
    /// <summary>ENOSPC of Linux.</summary>
    public const int NoSpace = 28;

    /// <summary>EDQUOT of Linux.</summary>
    public const int QuotaExceeded = 122;

    public static bool Is(IOException e) => e is not FlushFailedException && Is(e.HResult);

    public static bool Is(int error) => error is NoSpace or QuotaExceeded;
}
