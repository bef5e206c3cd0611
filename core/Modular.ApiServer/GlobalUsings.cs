global using Microsoft.AspNetCore.Http;
global using Modular.Abstractions;
global using Modular.Abstractions.Http;
global using Modular.ApiMachinery;
global using Modular.Kernel;
